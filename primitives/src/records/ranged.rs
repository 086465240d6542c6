//! Numbers with bounds in their type: parameters that governance may change, and how far.

use crate::Balance;
use codec::{Decode, DecodeWithMemTracking, Encode, Error, Input, MaxEncodedLen};
use scale_info::TypeInfo;

macro_rules! ranged {
    ($(#[$docs:meta])* $name:ident($number:ty)) => {
        $(#[$docs])*
        ///
        /// A number out of bounds cannot be constructed and does not decode. A call that would set
        /// a parameter to it is therefore not a valid call.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
        pub struct $name<const LEAST: $number, const MOST: $number>($number);

        impl<const LEAST: $number, const MOST: $number> $name<LEAST, MOST> {
            /// Wrap a number.
            ///
            /// # Panics
            ///
            /// If the number is out of bounds. In a constant this is a compile-time error.
            pub const fn new(number: $number) -> Self {
                assert!(LEAST <= number && number <= MOST, "the number lies outside of its bounds");
                Self(number)
            }

            /// Return the number.
            pub const fn get(self) -> $number {
                self.0
            }
        }

        impl<const LEAST: $number, const MOST: $number> TryFrom<$number> for $name<LEAST, MOST> {
            type Error = $number;

            fn try_from(number: $number) -> Result<Self, $number> {
                if (LEAST..=MOST).contains(&number) {
                    Ok(Self(number))
                } else {
                    Err(number)
                }
            }
        }

        impl<const LEAST: $number, const MOST: $number> Decode for $name<LEAST, MOST> {
            fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
                Self::try_from(<$number>::decode(input)?).map_err(|_| "the number lies outside of its bounds".into())
            }
        }
    };
}

ranged! {
    /// A number from `LEAST` to `MOST`, both included.
    Ranged(u32)
}

ranged! {
    /// An amount from `LEAST` to `MOST` planck, both included.
    RangedBalance(Balance)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn only_what_lies_inside_decodes(number: u32) {
            let decoded = Ranged::<10, 2_000_000_000>::decode(&mut number.encode().as_slice());
            prop_assert_eq!(decoded.is_ok(), (10..=2_000_000_000).contains(&number));
            if let Ok(ranged) = decoded {
                prop_assert_eq!((ranged.get(), ranged.encode()), (number, number.encode()));
            }
        }
    }

    #[test]
    fn the_bounds_themselves_lie_inside() {
        assert!([2, 5].into_iter().all(|n| Ranged::<2, 5>::try_from(n).is_ok()));
        assert_eq!((Ranged::<2, 5>::try_from(1), Ranged::<2, 5>::try_from(6)), (Err(1), Err(6)));
    }
}
