//! One attempt: the request to one server, signed.

use tent_flow::{Effect, Moment};

use super::Exchange;
use crate::BuildError;
use crate::call::{Access, Call};
use crate::mac::Stamp;

impl<C: Call> Exchange<C> {
    pub(super) fn attempt(&self, now: Moment) -> Result<Effect, BuildError> {
        let server = self.server()?;
        let mut request = self.call.request(server)?;
        if let Some(url) = &self.redirected {
            request.url = (**url).clone();
        }
        self.session.check(server, &request.url)?;
        let signer = match self.call.access() {
            Access::Public => None,
            Access::Optional => self.session.signer(),
            Access::Signed => Some(self.session.signer().ok_or(BuildError::NoCredentials)?),
        };
        // Last of all, so that time and nonce are those of this attempt.
        if let Some(signer) = signer {
            let nonce = signer.nonce();
            let stamp = Stamp {
                timestamp: self.servers.time_to_sign(self.index, now),
                nonce: nonce.as_str(),
            };
            let signed = signer.credentials().sign_request(&mut request, stamp);
            signed.map_err(|_| BuildError::Header("Authorization"))?;
        }
        Ok(Effect::Send(request, self.call.sink()))
    }
}
