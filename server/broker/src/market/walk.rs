//! Price movement: a seeded random walk in whole cents, drawn gently back to its start.

use super::listing::FIRST_PRICE;

/// Lower and upper bound of every price, in cents.
const LEAST: i64 = 100;
const MOST: i64 = 1_000_000;

/// A step is computed in hundred-millionths of a cent.
const PARTS: i64 = 100_000_000;

/// The price after the `tick`th step. It depends only on the seed, symbol, tick and previous price, so the walk is the
/// same after a restart.
pub(crate) fn next(seed: u64, symbol: &str, tick: i64, price: i64) -> i64 {
    // Four uniform numbers within ±25,000 add up to an almost normal one with a standard deviation of 28,868, which is
    // 0.03 % of the price. One hundred-thousandth of the way back to the start, so that prices stay believable for weeks.
    step(Random::new(seed, symbol, tick), price, 25_000, 100_000)
}

/// The price an hour before, at the start of this hour since 1970: as many steps in one, of a walk that looks the same
/// backwards.
pub(crate) fn an_hour_before(seed: u64, symbol: &str, hour: i64, price: i64) -> i64 {
    // A step every two seconds: the deviation grows with the root of their number, the pull with their number.
    step(Random::new(seed, symbol, -hour), price, 25_000 * 42, 100_000 / 1_800)
}

/// A step of at most four times `spread` hundred-millionths, and a share of `back` of the way to the start.
fn step(mut random: Random, price: i64, spread: i64, back: i64) -> i64 {
    let noise: i64 = (0..4).map(|_| random.below(2 * spread + 1) - spread).sum();
    let pull = (FIRST_PRICE - price) * (PARTS / back);
    let step = price * noise + pull;
    // Rounds randomly: a fraction of a cent moves the price by a cent with that probability.
    let cents = (step + random.below(PARTS)).div_euclid(PARTS);
    (price + cents).clamp(LEAST, MOST)
}

/// SplitMix64 (Steele, Lea, Flood 2014): fast, uniform and portable. Nothing secret depends on it.
struct Random(u64);

impl Random {
    fn new(seed: u64, symbol: &str, tick: i64) -> Self {
        // An FNV-1a hash of the symbol gives each stock its own walk.
        let symbol = symbol
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        let mut random = Self(seed ^ symbol);
        let start = random.next() ^ tick.cast_unsigned();
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `bound` − 1: 31 random bits, scaled. `bound` is below 2³¹.
    fn below(&mut self, bound: i64) -> i64 {
        ((self.next() >> 33).cast_signed() * bound) >> 31
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(seed: u64, symbol: &str, ticks: i64) -> Vec<i64> {
        let mut price = FIRST_PRICE;
        (1..=ticks)
            .map(|tick| {
                price = next(seed, symbol, tick, price);
                price
            })
            .collect()
    }

    #[test]
    fn a_seed_gives_one_walk_and_stocks_walk_apart() {
        assert_eq!(walk(7, "WAYNE", 200), walk(7, "WAYNE", 200));
        assert_ne!(walk(7, "WAYNE", 200), walk(8, "WAYNE", 200));
        assert_ne!(walk(7, "WAYNE", 200), walk(7, "STARK", 200));
    }

    #[test]
    fn prices_move_in_small_steps_and_stay_believable() {
        let prices = walk(1, "WAYNE", 100_000);
        let steps: Vec<i64> = prices.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| step.abs() < 50), "a step is below half a percent");
        assert!(steps.iter().filter(|step| **step != 0).count() > 50_000, "prices move");
        assert!(steps.iter().any(|step| *step > 0) && steps.iter().any(|step| *step < 0));
        assert!(prices.iter().all(|price| (3_000..30_000).contains(price)));
    }

    #[test]
    fn no_price_leaves_its_bounds() {
        assert!((1..2_000).all(|tick| next(3, "LEX", tick, LEAST) >= LEAST));
        assert!((1..2_000).all(|tick| next(3, "LEX", tick, MOST) <= MOST));
    }
}
