//! Numbers as text, on the stack.

/// A number in decimal digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal {
    digits: [u8; 20], // u64::MAX has twenty
    start: u8,
}

impl Decimal {
    pub(super) const fn new(mut number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = 19;
        loop {
            digits[start] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
            start -= 1;
        }
        Self {
            digits,
            start: start as u8,
        }
    }

    pub(super) fn as_str(&self) -> &str {
        // Digits are ASCII, so this is never the default.
        std::str::from_utf8(&self.digits[usize::from(self.start)..]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_number() {
        for number in [0, 9, 10, 443, 65535, 1_356_998_400, u64::MAX] {
            assert_eq!(Decimal::new(number).as_str(), number.to_string());
        }
    }
}
