//! Processes of the benchmark: started, sampled and ended by id.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};

use crate::target::ADDRESSES;

/// A process that ends with this value.
pub struct Process {
    child: Child,
    pub port: u16,
}

impl Process {
    pub fn new(child: Child, port: u16) -> Self {
        Self { child, port }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it has ended.
    pub fn wait(&mut self) -> anyhow::Result<()> {
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits.
    pub fn terminate(mut self) -> anyhow::Result<()> {
        Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }

    /// Ends it.
    pub fn stop(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// A port that is free now.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Starts this program as the target, and waits until it answers.
pub fn spawn_target() -> anyhow::Result<Process> {
    let port = free_port()?;
    let child = Command::new(std::env::current_exe()?)
        .args(["target", "--port", &port.to_string()])
        .stdin(Stdio::null())
        .spawn()
        .context("the target did not start")?;
    let process = Process::new(child, port);
    let deadline = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect((Ipv4Addr::new(127, 0, 0, ADDRESSES), port)).is_err() {
        ensure!(Instant::now() < deadline, "the target does not answer");
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(process)
}

/// CPU time of a process, in milliseconds (user and system, all threads).
pub fn cpu_ms(id: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The second field is the name in brackets and may hold anything; utime and stime are fields 14 and 15, in ticks
    // of 10 ms (USER_HZ is 100 on every Linux that Rust runs on).
    let rest = stat.rsplit_once(')').context("/proc/<id>/stat")?.1;
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks * 10.0)
}

/// Resident memory of a process, in megabytes (10^6 bytes).
pub fn rss_mb(id: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find(|l| l.starts_with("VmRSS:")).context("VmRSS")?;
    let kib: f64 = line.split_whitespace().nth(1).context("VmRSS")?.parse()?;
    Ok(kib * 1024.0 / 1e6)
}

/// The load average of the last minute.
pub fn load() -> anyhow::Result<String> {
    Ok(std::fs::read_to_string("/proc/loadavg")?.split_whitespace().next().unwrap_or("?").to_owned())
}
