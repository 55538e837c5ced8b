//! Which addresses a driver may connect to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which addresses may be reached. Drivers ask it for every connection, after the name is resolved
/// and for addresses written in a URL too, so that neither a redirect nor a name that changes its
/// address gets around it.
///
/// A program for one person may reach [any](Self::Any) address. A service that fetches what others
/// name should reach [public](Self::PublicOnly) ones only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AddressRule {
    /// Every address.
    #[default]
    Any,
    /// Addresses of the public internet only: none of this machine, of a local network, for
    /// documentation, multicast, or of a cloud's metadata service.
    PublicOnly,
}

/// An address that the rule forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not an address of the public internet, and only those are allowed")]
#[non_exhaustive]
pub struct AddressRefused {
    /// The address.
    pub address: IpAddr,
}

impl AddressRule {
    /// Says whether `address` may be reached.
    ///
    /// An IPv4 address in IPv6 clothes (mapped, compatible, NAT64, 6to4) is taken for what it is.
    ///
    /// # Errors
    ///
    /// [`AddressRefused`], with the address as it was given.
    pub fn check(self, address: IpAddr) -> Result<(), AddressRefused> {
        let allowed = match self {
            Self::Any => true,
            Self::PublicOnly => match address {
                IpAddr::V4(v4) => is_public_v4(v4),
                IpAddr::V6(v6) => is_public_v6(v6),
            },
        };
        if allowed {
            Ok(())
        } else {
            Err(AddressRefused { address })
        }
    }
}

/// Per the IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its successors).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(a == 0
        || address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a >= 240
        || (a == 100 && (64..128).contains(&b)) // shared address space, RFC 6598
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (18..20).contains(&b))) // benchmarking, RFC 2544
}

/// Per the IANA IPv6 Special-Purpose Address Registry.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            is_public_v4(v4_of(segments[6], segments[7]))
        }
        [0x2002, high, low, ..] => is_public_v4(v4_of(high, low)),
        [0x64, 0xff9b, 1, ..] => false, // local NAT64
        [0x2001, second, ..] if second < 0x200 => false, // Teredo and protocol assignments
        [0x2001, 0xdb8, ..] | [0x3fff, ..] => false, // documentation
        [first, ..] => first & 0xe000 == 0x2000, // all that is global unicast
    }
}

fn v4_of(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_pass() {
        for address in [
            "93.184.216.34",
            "1.1.1.1",
            "2606:4700::1111",
            "64:ff9b::1.1.1.1",
            "::ffff:8.8.8.8",
        ] {
            assert_eq!(
                AddressRule::PublicOnly.check(address.parse().unwrap()),
                Ok(()),
                "{address}"
            );
        }
    }

    #[test]
    fn everything_else_is_refused_in_any_clothes() {
        let refused = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "192.0.2.1",
            "240.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::10.0.0.1",
            "2002:7f00:1::",
            "64:ff9b:1::1",
            "2001::1",
        ];
        for address in refused {
            let address = address.parse().unwrap();
            assert_eq!(
                AddressRule::PublicOnly.check(address),
                Err(AddressRefused { address })
            );
            assert_eq!(AddressRule::Any.check(address), Ok(()));
        }
    }
}
