//! The share of a processor that Lambda gives to a function of little memory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A control group whose processes together get a share of one processor. Dropping it removes it.
#[derive(Debug)]
pub(crate) struct CpuShare(PathBuf);

impl CpuShare {
    /// The share of so many MB: 1,769 of them have one processor. Fails where control groups can't be made.
    ///
    /// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
    pub(crate) fn of_memory(mb: u32) -> io::Result<Self> {
        let quota = PERIOD * mb / 1769;
        let group = format!("authorizer-bench-{}", std::process::id());
        let (period, quota) = (PERIOD.as_micros(), quota.as_micros());
        if Path::new(UNIFIED).join("cgroup.controllers").exists() {
            fs::write(Path::new(UNIFIED).join("cgroup.subtree_control"), "+cpu")?;
            let share = Self::make(Path::new(UNIFIED).join(group))?;
            fs::write(share.0.join("cpu.max"), format!("{quota} {period}"))?;
            Ok(share)
        } else {
            let share = Self::make(Path::new(UNIFIED).join("cpu").join(group))?;
            fs::write(share.0.join("cpu.cfs_period_us"), period.to_string())?;
            fs::write(share.0.join("cpu.cfs_quota_us"), quota.to_string())?;
            Ok(share)
        }
    }

    /// Gives it to a process, and to all that it starts from now on.
    pub(crate) fn give_to(&self, process: u32) -> io::Result<()> {
        fs::write(self.0.join("cgroup.procs"), process.to_string())
    }

    fn make(directory: PathBuf) -> io::Result<Self> {
        fs::create_dir(&directory)?;
        Ok(Self(directory))
    }
}

impl Drop for CpuShare {
    fn drop(&mut self) {
        // What is left of it is an empty group, which does no harm.
        let _ = fs::remove_dir(&self.0);
    }
}

const UNIFIED: &str = "/sys/fs/cgroup";
/// AWS does not tell its own.
const PERIOD: Duration = Duration::from_millis(20);
