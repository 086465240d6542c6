//! The rules for devices, region, address and offer.

use super::*;

#[test]
fn need_a_device() {
    both_refuse(|record| record.devices = gpus(0), E::NoDevices);
}

#[test]
fn need_devices_of_one_class() {
    let mixed = vec![device(DeviceClass::Gpu), device(DeviceClass::Cpu)];
    both_refuse(|record| record.devices = mixed.clone().try_into().unwrap(), E::MixedClasses);
}

#[test]
fn need_a_region_in_geohash() {
    both_refuse(|record| record.region = b"u3a".to_vec().try_into().unwrap(), E::InvalidRegion);
}

#[test]
fn need_a_printable_address() {
    for bad in ["", "http://a b", "http://\n", "http://\u{e9}"] {
        both_refuse(|record| record.address = bad.as_bytes().to_vec().try_into().unwrap(), E::InvalidAddress);
    }
}

#[test]
fn need_an_address_that_names_a_node_and_nothing_else() {
    let bad = [
        "worker.example",
        "ftp://worker.example:21",
        "ws://127.0.0.1:",
        "ws://worker.example",
        "wss://worker.example:0",
        "wss://worker.example/path",
        "wss://user:secret@worker.example",
        "http://169.254.169.254:80",
        "ws://0.0.0.0:9944",
    ];
    for bad in bad {
        both_refuse(|record| record.address = bad.as_bytes().to_vec().try_into().unwrap(), E::InvalidAddress);
    }
}

#[test]
fn need_an_asset_in_the_offer() {
    both_refuse(|record| record.offer.min_reward = Default::default(), E::OfferEmpty);
}

#[test]
fn need_each_asset_once() {
    let twice = vec![(AssetKind::Native, 1), (AssetKind::WithId(1), 1), (AssetKind::Native, 2)];
    both_refuse(|record| record.offer.min_reward = twice.clone().try_into().unwrap(), E::DuplicateAsset);
}

#[test]
fn need_time_in_the_offer() {
    both_refuse(|record| record.offer.max_run_blocks = 0, E::OfferTooShort);
}
