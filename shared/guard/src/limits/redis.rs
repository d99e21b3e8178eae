//! Counters in Redis (or Valkey), shared by all instances. One script call per check; when Redis
//! does not answer in time the request is refused.

use std::time::Duration;

use async_trait::async_trait;
use redis::{
    Client, RedisError, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::{Decision, Quota, RateKey, RateStore, RateStoreError};

/// The generic cell rate algorithm. One key holds the theoretical arrival time in microseconds of the
/// Redis server's clock, so instances need not agree on the time. Numbers stay below 2^53.
///
/// `ARGV`: microseconds per request, requests in a burst, requests of this call.
/// Returns: allowed (0 or 1), remaining, microseconds until full, microseconds until it would be let
/// through.
const GCRA: &str = r"
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local interval, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local tolerance = interval * burst
local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local next_arrival = arrival + interval * cost
local early = next_arrival - tolerance - now
if early > 0 then
  return {0, math.floor((tolerance - (arrival - now)) / interval), arrival - now, early}
end
redis.call('SET', KEYS[1], string.format('%.0f', next_arrival), 'PX', math.ceil((next_arrival - now) / 1000))
return {1, math.floor((tolerance - (next_arrival - now)) / interval), next_arrival - now, 0}
";

/// How long Redis may take for a check before the request is refused.
const RESPONSE_TIMEOUT: Duration = Duration::from_millis(500);

/// A store shared by all instances.
pub struct RedisStore {
    connection: ConnectionManager,
    script: Script,
    prefix: String,
}

impl RedisStore {
    /// A store at `url` (`redis://…`, `rediss://…`), its keys below `prefix`. It connects on the
    /// first check, and again after every loss. Must be called within a tokio runtime.
    ///
    /// Fails when the address is no Redis address.
    #[expect(clippy::disallowed_methods, reason = "the one connection to Redis")]
    pub fn connect(url: &str, prefix: impl Into<String>) -> Result<Self, RedisError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(RESPONSE_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT))
            .set_number_of_retries(0);
        let connection = ConnectionManager::new_lazy_with_config(Client::open(url)?, config)?;
        Ok(Self { connection, script: Script::new(GCRA), prefix: prefix.into() })
    }

    /// Asks Redis for a sign of life, for readiness checks.
    ///
    /// Fails when it does not answer in time.
    pub async fn ping(&self) -> Result<(), RateStoreError> {
        let mut connection = self.connection.clone();
        let ping = async move { redis::cmd("PING").query_async::<()>(&mut connection).await };
        with_timeout(ping).await
    }
}

#[async_trait]
impl RateStore for RedisStore {
    async fn check(
        &self,
        key: RateKey,
        quota: Quota,
        cost: u32,
    ) -> Result<Decision, RateStoreError> {
        let interval_micros = u64::try_from(quota.interval().as_micros()).unwrap_or(u64::MAX);
        let mut connection = self.connection.clone();
        let mut call = self.script.prepare_invoke();
        call.key(format!("{}:{key}", self.prefix))
            .arg(interval_micros.max(1))
            .arg(quota.burst.max(1))
            .arg(cost.max(1));
        let (allowed, remaining, reset, retry): (u8, i64, u64, u64) =
            with_timeout(call.invoke_async(&mut connection)).await?;
        Ok(Decision {
            allowed: allowed == 1,
            remaining: u32::try_from(remaining).unwrap_or(0),
            reset_after: Duration::from_micros(reset),
            retry_after: Duration::from_micros(retry),
        })
    }
}

async fn with_timeout<T>(
    call: impl Future<Output = Result<T, RedisError>>,
) -> Result<T, RateStoreError> {
    match tokio::time::timeout(RESPONSE_TIMEOUT, call).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(RateStoreError(Box::new(error))),
        Err(late) => Err(RateStoreError(Box::new(late))),
    }
}
