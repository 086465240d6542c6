//! Tests the sandbox with a child, and chooses what children will use of it.

use super::{ChildEnd, Children, Fresh, Watch, WorkOrder};
use crate::process::{
    sandbox::{
        self,
        remedy::remedy,
        walls::{PRIVILEGES, ROOT, SandboxProbe, Wall},
    },
    wire::Order,
};
use dpin_primitives::worker::DeviceClass;
use nix::unistd::geteuid;
use std::{path::PathBuf, sync::atomic::AtomicBool, time::Duration};

/// How long a child may take to test its sandbox.
const PROBE_TIME: Duration = Duration::from_secs(30);

impl Children {
    /// Test the sandbox in a child, choose what children will use of it, and log the state of every
    /// wall. `secrets` are files that no child may be able to read.
    ///
    /// # Errors
    ///
    /// If required walls are missing: their names, and how to get them.
    pub(crate) fn check(&mut self, secrets: &[PathBuf]) -> Result<(), String> {
        let walls = match self.try_walls(secrets) {
            Ok(walls) => walls,
            Err(why) if self.starter.insecure => {
                tracing::warn!("{why}");
                return Ok(());
            }
            Err(why) => return Err(why),
        };
        for wall in &walls {
            match &wall.state {
                Ok(how) => tracing::info!("sandbox: {}: in force: {how}", wall.name),
                Err(why) => tracing::warn!("sandbox: {}: MISSING: {why}", wall.name),
            }
        }
        let lacking: Vec<&Wall> = walls.iter().filter(|wall| wall.is_lacking()).collect();
        if lacking.is_empty() || self.starter.insecure {
            return Ok(());
        }
        let names: Vec<&str> = lacking.iter().map(|wall| wall.name.as_str()).collect();
        let remedies: Vec<String> =
            lacking.iter().filter_map(|wall| Some(format!("\n{}: {}", wall.name, remedy(wall)?))).collect();
        Err(format!(
            "strangers' kernels would run without {}; `dpin-executor check` shows every wall{}",
            names.join(", "),
            remedies.concat()
        ))
    }

    /// Test the sandbox in a child, and choose what children will use of it. Returns the walls with
    /// their states.
    ///
    /// # Errors
    ///
    /// If the child does not finish the test.
    pub(crate) fn try_walls(&mut self, secrets: &[PathBuf]) -> Result<Vec<Wall>, String> {
        let secrets = secrets.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let order = Order::Probe(SandboxProbe { secrets, process: std::process::id() });
        let strict = std::mem::replace(&mut self.starter.insecure, true);
        self.starter.user = geteuid().is_root().then_some(sandbox::USER);
        let mut end = self.probe(&order);
        let is_up = |walls: &[Wall], name: &str| walls.iter().any(|wall| wall.name == name && wall.state.is_ok());
        let is_user = match &end {
            ChildEnd::Probed(walls) => is_up(walls, ROOT) && is_up(walls, PRIVILEGES),
            _ => false,
        };
        if self.starter.user.is_some() && !is_user {
            tracing::debug!(?end, "not as another user");
            // Another user owns a part of the folder, but can only reach it in a separate file
            // system.
            self.starter.user = None;
            end = self.probe(&order);
        }
        self.starter.insecure = strict;
        match end {
            ChildEnd::Probed(walls) => Ok(walls),
            other => Err(format!("the sandbox could not be tested: {}", other.failure())),
        }
    }

    fn probe(&self, order: &Order) -> ChildEnd {
        let (class, fresh) = (DeviceClass::Cpu, Fresh::Nothing);
        let work = WorkOrder { order, files: &self.starter.folder, class, intake: None, fresh };
        let stop = AtomicBool::new(false);
        self.run(work, Watch { limit: &|| PROBE_TIME, stop: &stop, on_message: &mut |_| () })
    }
}
