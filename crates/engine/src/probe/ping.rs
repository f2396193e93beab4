//! ICMP echo: datagram sockets where the system permits them, raw ones otherwise. Every check has a socket of its own, so that
//! answers of two checks are never mixed up.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use domain::check::{Failure, Reason};
use domain::kind::ping::PingSettings;
use futures::FutureExt as _;
use futures::future::{BoxFuture, join_all};
use rand::RngExt as _;
use surge_ping::{Client, Config, ICMP, PingIdentifier, PingSequence, SurgeError};
use url::Host;

use super::InvalidSettings;
use super::run::{Check, Seen, Ways};
use super::words::{failure, not_connected};
use crate::net::Phase;

/// From one packet to the next.
const APART: Duration = Duration::from_millis(200);

/// A ping, ready to run.
#[derive(Debug)]
pub(super) struct Ping {
    host: Host<String>,
    settings: PingSettings,
}

impl Ping {
    pub fn new(settings: &PingSettings) -> Result<Self, InvalidSettings> {
        let host = domain::kind::address::parse_host(&settings.host).map_err(InvalidSettings)?;
        Ok(Self { host, settings: settings.clone() })
    }

    fn unsent(&self, address: IpAddr, error: &std::io::Error) -> Failure {
        if matches!(error.kind(), std::io::ErrorKind::PermissionDenied) || error.raw_os_error() == Some(1) {
            let message = "This machine does not let Loopr ping. Give it the capability CAP_NET_RAW, or widen the sysctl \
                           net.ipv4.ping_group_range to its group (for IPv6 as well).";
            return failure(Reason::Permission, message);
        }
        let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
        failure(
            Reason::Unreachable,
            format!("There is no way to {} over {family} ({error}). Check the network of this machine.", self.settings.host),
        )
    }
}

/// What came back.
struct Echoes {
    sent: usize,
    /// In microseconds, in the order of sending; none for what was lost.
    trips: Vec<Option<u32>>,
}

impl Echoes {
    fn received(&self) -> Vec<u32> {
        self.trips.iter().flatten().copied().collect()
    }

    fn loss_percent(&self) -> u8 {
        let lost = self.sent - self.received().len();
        u8::try_from(lost * 100 / self.sent.max(1)).unwrap_or(100)
    }

    fn mean_us(&self) -> Option<u32> {
        let received = self.received();
        let sum: u64 = received.iter().map(|us| u64::from(*us)).sum();
        sum.checked_div(u64::try_from(received.len()).unwrap_or(0)).and_then(|us| u32::try_from(us).ok())
    }

    /// The mean difference between neighbours (the packet delay variation of RFC 3393, of what came back).
    fn jitter_us(&self) -> Option<u32> {
        let received = self.received();
        let steps: Vec<u64> = received.windows(2).map(|pair| u64::from(pair[0].abs_diff(pair[1]))).collect();
        let sum: u64 = steps.iter().sum();
        sum.checked_div(u64::try_from(steps.len()).unwrap_or(0)).and_then(|us| u32::try_from(us).ok())
    }
}

impl Check for Ping {
    fn key(&self) -> &str {
        &self.settings.host
    }

    fn line(&self) -> (&'static str, String) {
        ("Ping", self.settings.host.clone())
    }

    fn run<'a>(&'a self, ways: &'a Ways<'a>, seen: &'a mut Seen) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let name = &self.settings.host;
            let addresses = ways.dialer.addresses(&self.host, self.settings.family, &mut seen.dialling).await;
            let addresses = addresses.map_err(|error| not_connected(name, &error))?;
            let Some(address) = addresses.first().copied() else { return Ok(()) };
            seen.dialling.phase = Phase::Connected;
            seen.dialling.address = Some((address, 0).into());
            let kind = if address.is_ipv4() { ICMP::V4 } else { ICMP::V6 };
            let client = Client::new(&Config::builder().kind(kind).build()).map_err(|error| self.unsent(address, &error))?;
            let identifier = PingIdentifier(rand::rng().random());
            let payload = vec![0x2e; usize::from(self.settings.size_bytes)];
            // The last packet gets its share of the time too: a packet that takes longer counts as lost.
            let count = u32::from(self.settings.count);
            let left = ways.deadline.saturating_duration_since(Instant::now());
            let apart = APART.min(left / (2 * count));
            let patience = left.saturating_sub(apart * (count - 1)).mul_f64(0.95);
            let echoes = (0..count).map(|n| {
                let (client, payload) = (&client, &payload);
                async move {
                    tokio::time::sleep(apart * n).await;
                    let mut pinger = client.pinger(address, identifier).await;
                    pinger.timeout(patience);
                    pinger.ping(PingSequence(u16::try_from(n).unwrap_or(0)), payload).await
                }
            });
            let mut trips = Vec::new();
            for echo in join_all(echoes).await {
                match echo {
                    Ok((_, trip)) => trips.push(Some(u32::try_from(trip.as_micros()).unwrap_or(u32::MAX))),
                    Err(SurgeError::IOError(error)) => return Err(self.unsent(address, &error)),
                    Err(_) => trips.push(None),
                }
            }
            self.judge(&Echoes { sent: trips.len(), trips }, seen)
        }
        .boxed()
    }
}

impl Ping {
    fn judge(&self, echoes: &Echoes, seen: &mut Seen) -> Result<(), Failure> {
        let (name, settings) = (&self.settings.host, &self.settings);
        let (loss, jitter) = (echoes.loss_percent(), echoes.jitter_us());
        seen.fact("Loss", || format!("{loss} %"));
        seen.fact("Round trips", || {
            echoes.trips.iter().map(|trip| trip.map_or("lost".into(), domain::words::latency)).collect::<Vec<_>>().join(", ")
        });
        if let Some(us) = jitter {
            seen.fact("Jitter", || domain::words::latency(us));
        }
        seen.answered_us = echoes.mean_us();
        seen.duration_us = echoes.mean_us();
        let sent = domain::words::count(echoes.sent, "packet", "packets");
        if loss == 100 {
            return Err(failure(
                Reason::Timeout,
                format!("{name} did not answer any of {sent}. Check the host, and whether its firewall lets ICMP echo in."),
            ));
        }
        if loss > settings.down_above_loss {
            return Err(failure(
                Reason::Loss,
                format!("{name} lost {loss} % of {sent}, where at most {} % is wanted.", settings.down_above_loss),
            ));
        }
        if loss > settings.degraded_above_loss {
            seen.warning = Some(failure(Reason::Loss, format!("{name} lost {loss} % of {sent}.")));
        } else if let Some((us, most)) = jitter.zip(settings.degraded_above_jitter)
            && Duration::from_micros(u64::from(us)) > most
        {
            let message = format!(
                "The answers of {name} vary by {}, where at most {} is wanted.",
                domain::words::latency(us),
                domain::monitor::spell(most)
            );
            seen.warning = Some(failure(Reason::Loss, message));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loss_mean_and_jitter() {
        let echoes = Echoes { sent: 4, trips: vec![Some(1_000), None, Some(3_000), Some(2_000)] };
        assert_eq!((echoes.loss_percent(), echoes.mean_us(), echoes.jitter_us()), (25, Some(2_000), Some(1_500)));
        let none = Echoes { sent: 2, trips: vec![None, None] };
        assert_eq!((none.loss_percent(), none.mean_us(), none.jitter_us()), (100, None, None));
    }
}
