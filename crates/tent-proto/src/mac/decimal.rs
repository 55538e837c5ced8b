//! Numbers as text, on the stack.

/// A number in decimal digits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decimal {
    digits: [u8; 20], // u64::MAX has twenty
    start: u8,
}

/// "00" to "99": two digits a division.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

impl Decimal {
    #[inline]
    pub(super) const fn new(mut number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = 20;
        // Times until 2106 and ports are divided as 32 bits, which is faster.
        while number > u32::MAX as u64 {
            let pair = PAIRS[(number % 100) as usize];
            number /= 100;
            start -= 2;
            digits[start] = pair[0];
            digits[start + 1] = pair[1];
        }
        let mut number = number as u32;
        while number >= 10 {
            let pair = PAIRS[(number % 100) as usize];
            number /= 100;
            start -= 2;
            digits[start] = pair[0];
            digits[start + 1] = pair[1];
        }
        if number > 0 || start == 20 {
            start -= 1;
            digits[start] = b'0' + number as u8;
        }
        Self {
            digits,
            start: start as u8,
        }
    }

    #[inline]
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.digits[usize::from(self.start)..]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn digits_are_those_of_the_number(number in any::<u64>(), shift in 0_u32..64) {
            for number in [number >> shift, 10_u64.pow(shift % 20), 10_u64.pow(shift % 20) - 1, u64::MAX] {
                let decimal = Decimal::new(number);
                let expected = number.to_string();
                prop_assert_eq!(decimal.as_bytes(), expected.as_bytes());
            }
        }
    }
}
