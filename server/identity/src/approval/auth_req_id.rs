//! The `auth_req_id` of a client's request (CIBA Core §7.3). It is derived again whenever it is needed, so only its
//! hash is stored.

use foundation::seal::Sealer;

pub(super) fn of(sealer: &Sealer, client: &str, idempotency_key: &str) -> String {
    sealer.mac("auth_req_id", &format!("{client}\0{idempotency_key}"))
}
