//! `dpin token`: balances, transfers, supply, vesting and rewards.

use crate::{
    chain::{
        Chain, Holding,
        call::Call,
        holds::{self, Hold},
    },
    context::Context,
    error::{Error, Result},
    text::{
        amount::{self, Money, parse_asset},
        output::{fields, table},
        parse,
    },
};
use clap::{Args, Subcommand};
use dpin_primitives::{
    AccountId, AssetKind, BLC_ID, Balance,
    economy::{AllocationInfo, Category, EraIndex, RewardInfo, Supply, VestingInfo},
    json::Asset,
};
use serde_json::{Value, json};

/// Show balances, supply, vesting and rewards; transfer and claim tokens
#[derive(Subcommand, Debug)]
pub(crate) enum TokenCommand {
    /// Show the supply of DPN and its allocation
    Supply,
    /// Show the vesting amounts of an account
    Vesting {
        /// Account [default: that of the signing key]
        #[arg(value_parser = parse::account)]
        account: Option<AccountId>,
    },
    /// Claim an account's rewards of past eras, and its vested DPN. Anybody may claim them; the
    /// account receives them
    #[command(
        after_help = "Examples:\n  dpin --key-file me.json token claim\n  dpin --dev bob token claim alice --eras 400 --dry-run"
    )]
    Claim(ClaimArgs),
    /// Show the balances of an account
    Balance {
        /// Account [default: that of the signing key]
        #[arg(value_parser = parse::account)]
        account: Option<AccountId>,
        /// Asset to show: DPN, BLC or the number of an asset [default: DPN and BLC]
        #[arg(long, value_parser = parse_asset)]
        asset: Option<AssetKind>,
    },
    /// Transfer DPN or another asset
    #[command(after_help = "Example:\n  dpin --dev alice token transfer bob 1.5DPN")]
    Transfer(TransferArgs),
}

/// Arguments of `token claim`.
#[derive(Args, Debug)]
pub(crate) struct ClaimArgs {
    /// Account [default: that of the signing key]
    #[arg(value_parser = parse::account)]
    account: Option<AccountId>,
    /// Number of eras to search, back from the current one
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u32).range(0..=1460))]
    eras: u32,
    /// Show the amounts without claiming them
    #[arg(long)]
    dry_run: bool,
}

/// Arguments of `token transfer`.
#[derive(Args, Debug)]
pub(crate) struct TransferArgs {
    /// Receiver
    #[arg(value_parser = parse::account)]
    to: AccountId,
    /// Amount: 1.5DPN, 2BLC
    amount: Money,
    /// Asset, if the amount has no unit: DPN, BLC or the number of an asset
    #[arg(long, value_parser = parse_asset)]
    asset: Option<AssetKind>,
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) async fn run(command: TokenCommand, context: &Context) -> Result<()> {
    match command {
        TokenCommand::Supply => supply(context).await,
        TokenCommand::Vesting { account } => vesting(account, context).await,
        TokenCommand::Claim(args) => claim(args, context).await,
        TokenCommand::Balance { account, asset } => balance(account, asset, context).await,
        TokenCommand::Transfer(args) => {
            let (asset, amount) = args.amount.resolve(args.asset).map_err(Error::usage)?;
            let done = format!("sent {} to {}", amount::show(amount, &asset), args.to);
            context.send_and_report(Call::transfer(&asset, &args.to.into(), amount), &done).await
        }
    }
}

async fn supply(context: &Context) -> Result<()> {
    let chain = context.chain().await?;
    let supply: Supply = chain.api("EconomyApi_supply", ()).await?;
    let allocation: Vec<AllocationInfo> = chain.api("EconomyApi_allocation", ()).await?;
    let json = json!({
        "supply": supply,
        "allocation": allocation,
    });
    context.output.result(&json, || {
        let head = fields(&[
            ("cap", amount::dpn(supply.cap)),
            ("minted", amount::dpn(supply.minted)),
            ("burned", amount::dpn(supply.burned)),
            ("total", amount::dpn(supply.issuance)),
            ("circulating", amount::dpn(supply.circulating)),
            (
                "emission",
                format!("{} released, {} of it minted", amount::dpn(supply.scheduled), amount::dpn(supply.emitted)),
            ),
        ]);
        let rows = allocation.iter().map(|line| {
            vec![
                line.category.name().to_string(),
                amount::dpn(line.amount),
                amount::dpn(line.minted),
                amount::dpn(line.released),
            ]
        });
        format!("{head}\n\n{}", table(&["allocation", "set aside", "minted", "released"], rows.collect()))
    });
    Ok(())
}

async fn vesting(account: Option<AccountId>, context: &Context) -> Result<()> {
    let account = context.account(&account)?;
    let chain = context.chain().await?;
    let vestings: Vec<VestingInfo> = chain.api("EconomyApi_vesting", &account).await?;
    context.output.result(&json!({ "account": account, "vestings": vestings }), || {
        let rows = vestings.iter().map(|vesting| {
            vec![
                vesting.category.name().to_string(),
                amount::dpn(vesting.amount),
                amount::dpn(vesting.released),
                amount::dpn(vesting.claimable),
                format!("{} to {}", vesting.start, vesting.end),
            ]
        });
        let text = table(&["for", "amount", "paid out", "claimable now", "blocks"], rows.collect());
        match vestings.iter().any(|vesting| vesting.claimable > 0) {
            true => format!("{text}\nclaim them with `dpin token claim {account}`"),
            false => text,
        }
    });
    Ok(())
}

/// An amount that can be claimed.
struct Claimable {
    what: String,
    amount: Balance,
    call: Call,
}

/// The part of an era's reward that can be claimed now.
fn claimable_amount(reward: &RewardInfo) -> Balance {
    let demand = if reward.demand_ready { reward.demand } else { 0 };
    let parts = [reward.capacity, reward.validator, reward.super_node, demand];
    if reward.ready { parts.into_iter().fold(0, Balance::saturating_add) } else { 0 }
}

async fn claimables(chain: &Chain, account: &AccountId, eras: u32) -> Result<Vec<Claimable>> {
    let mut found = Vec::new();
    let current: EraIndex = chain.api("EconomyApi_current_era", ()).await?;
    for era in current.saturating_sub(eras)..current {
        let reward: Option<RewardInfo> = chain.api("EconomyApi_reward", (era, account)).await?;
        let amount = reward.as_ref().map_or(0, claimable_amount);
        if amount > 0 {
            let call = Call::claim_reward(era, account);
            found.push(Claimable { what: format!("rewards of era {era}"), amount, call });
        }
    }
    let vestings: Vec<VestingInfo> = chain.api("EconomyApi_vesting", account).await?;
    for vesting in vestings.into_iter().filter(|vesting| vesting.claimable > 0) {
        let (what, call) = match vesting.category {
            Category::Airdrop => ("vested rewards".to_string(), Call::claim_unlocked(account)),
            category => (format!("vested: {}", category.name()), Call::claim_vested(account, category)),
        };
        found.push(Claimable { what, amount: vesting.claimable, call });
    }
    Ok(found)
}

async fn claim(args: ClaimArgs, context: &Context) -> Result<()> {
    let account = context.account(&args.account)?;
    let chain = context.chain().await?;
    let found = claimables(&chain, &account, args.eras).await?;
    let mut transactions = Vec::new();
    if !args.dry_run && !found.is_empty() {
        let calls: Vec<Call> = found.iter().map(|claimable| claimable.call.clone()).collect();
        let sent = context.send_all(&chain, &context.signer()?, &calls).await?;
        if !sent.failed.is_empty() {
            let names = sent.failed.join(", ");
            context.output.note(format!(
                "{} of {} claims failed ({names}); try again later",
                sent.failed.len(),
                found.len()
            ));
        }
        transactions = sent.transactions;
    }
    let json = json!({
        "account": account,
        "claims": found.iter().map(|claimable| json!({ "what": claimable.what, "amount": claimable.amount.to_string() })).collect::<Vec<_>>(),
        "transactions": transactions.iter().map(|sent| sent.to_json()).collect::<Vec<_>>(),
    });
    context.output.result(&json, || {
        if found.is_empty() {
            return format!("{account} has nothing to claim for the last {} eras", args.eras);
        }
        let rows = found.iter().map(|claimable| vec![claimable.what.clone(), amount::dpn(claimable.amount)]);
        let text = table(&["what", "amount"], rows.collect());
        if args.dry_run {
            format!("{text}\nnothing was claimed")
        } else {
            format!("{text}\nclaimed; a quarter of a worker's reward is paid at once, the rest vests over 150 days")
        }
    });
    Ok(())
}

async fn holding(chain: &Chain, asset: &AssetKind, account: &AccountId) -> Result<Holding> {
    match asset {
        AssetKind::Native => chain.native(account).await,
        AssetKind::WithId(id) => chain.asset(*id, account).await,
    }
}

async fn balance(account: Option<AccountId>, asset: Option<AssetKind>, context: &Context) -> Result<()> {
    let account = context.account(&account)?;
    let chain = context.chain().await?;
    let assets = asset.map_or_else(|| vec![AssetKind::Native, AssetKind::WithId(BLC_ID)], |asset| vec![asset]);
    let mut balances = Vec::new();
    for asset in assets {
        let holding = holding(&chain, &asset, &account).await?;
        // Most accounts have nothing held and need no second request.
        let holds = if holding.held == 0 { Vec::new() } else { holds::read_holds(&chain, &asset, &account).await? };
        balances.push(AssetBalance { asset, holding, holds });
    }
    let json: Vec<Value> = balances.iter().map(AssetBalance::to_json).collect();
    context.output.result(&json!({ "account": account, "balances": json }), || balance_text(&account, &balances));
    Ok(())
}

/// An account's balance of one asset.
struct AssetBalance {
    asset: AssetKind,
    holding: Holding,
    holds: Vec<Hold>,
}

impl AssetBalance {
    fn to_json(&self) -> Value {
        let hold = |hold: &Hold| json!({ "reason": hold.reason, "amount": hold.amount.to_string() });
        json!({
            "asset": Asset::from(self.asset.clone()),
            "free": self.holding.free.to_string(),
            "held": self.holding.held.to_string(),
            "frozen": self.holding.frozen.to_string(),
            "holds": self.holds.iter().map(hold).collect::<Vec<_>>(),
        })
    }
}

fn balance_text(account: &AccountId, balances: &[AssetBalance]) -> String {
    let rows = balances.iter().map(|AssetBalance { asset, holding, .. }| {
        vec![
            amount::name(asset),
            amount::show(holding.free, asset),
            amount::show(holding.held, asset),
            amount::show(holding.frozen, asset),
        ]
    });
    let text = format!("{account}\n{}", table(&["asset", "free", "held", "frozen"], rows.collect()));
    let holds: Vec<Vec<String>> = balances
        .iter()
        .flat_map(|has| has.holds.iter().map(move |hold| (has, hold)))
        .map(|(has, hold)| vec![amount::show(hold.amount, &has.asset), hold.what().into(), hold.back().into()])
        .collect();
    match holds.is_empty() {
        true => text,
        false => format!("{text}\n\n{}", table(&["held", "for", "returned by"], holds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_reward_only_what_is_ready_can_be_claimed() {
        let reward =
            RewardInfo { capacity: 1, demand: 2, validator: 4, super_node: 8, ready: true, ..Default::default() };
        assert_eq!(claimable_amount(&reward), 13);
        assert_eq!(claimable_amount(&RewardInfo { demand_ready: true, ..reward.clone() }), 15);
        assert_eq!(claimable_amount(&RewardInfo { ready: false, demand_ready: true, ..reward }), 0);
    }

    #[test]
    fn a_balance_tells_what_is_held_for_what_and_how_it_comes_back() {
        let holds = vec![Hold { reason: "Blobs.Storage".into(), amount: dpin_primitives::DPN / 4 }];
        let holding = Holding { held: dpin_primitives::DPN / 4, ..Holding::default() };
        let has = AssetBalance { asset: AssetKind::Native, holding, holds };
        let json = has.to_json();
        assert_eq!((&json["asset"], &json["holds"][0]["amount"]), (&json!("dpn"), &json!("250000000000")));
        let text = balance_text(&[1; 32].into(), &[has]);
        assert!(
            text.contains("0.25 DPN") && text.contains("deposits of blobs") && text.contains("dpin blob remove"),
            "{text}"
        );
    }
}
