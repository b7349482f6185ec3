//! Bodies of the API mix and bodies made to hurt: few enough to stay in the cache, as a body does that was just decoded.

use weir_bench::body;
use weir_bench::rng::Rng;

/// Bodies of one kind.
pub struct Bodies(Vec<Vec<u8>>);

impl Bodies {
    /// W1: JSON of log-normal length, 3 % with personal data.
    pub fn mix() -> Bodies {
        Bodies::json(0.03)
    }
    fn json(share: f64) -> Bodies {
        let mut rng = Rng::new(46_796);
        let all = (0..150).map(|_| {
            let size = (rng.log_normal(1800.0, 1.0) as usize).clamp(64, 256 << 10);
            let personal = rng.chance(share);
            body::json(&mut rng, size, personal).into_bytes()
        });
        Bodies(all.collect())
    }
    /// One body of a text over and over.
    fn wall(text: &str) -> Bodies {
        Bodies(vec![text.repeat((64 << 10) / text.len()).into_bytes(); 4])
    }
    /// Each kind with its name: the mix, then what is made to hurt (W12).
    pub fn all() -> Vec<(&'static str, Bodies)> {
        let walls = [
            ("digits", "1234567890"),
            ("one letter", "a"),
            ("one digit", "6"),
            ("stars", "*"),
            ("stars and digits", "138****5678 "),
            ("at signs", "@"),
            ("addresses cut short", "a@b."),
            ("colons", "a:b:"),
            ("short names", "=a:b=c>"),
            ("names in Chinese", "手机号是"),
            ("cards that fail", "6222021001116245701,"),
            ("identity numbers that fail", "110105194912310021 "),
            ("phones that fail", "12012345678-"),
            ("addresses of machines that fail", "300.300.300.300,"),
            ("a literal", "AKIA"),
            ("a literal with letters", "AKIAABCDEFGH"),
            ("heads of tokens", "eyJ"),
            ("heads of traces", "a.java:"),
            ("heads of addresses", "jdbc:"),
            ("provinces", "北京"),
            ("plates", "京A"),
            ("outcomes", "\"code\":1,"),
            ("base64", "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5IGhpcyByZWFzb24"),
        ];
        let mix = [("W1 bodies", Bodies::mix()), ("W1 bodies, all with personal data", Bodies::json(1.0))];
        mix.into_iter().chain(walls.map(|(name, text)| (name, Bodies::wall(text)))).collect()
    }
    /// The bodies.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.iter().map(Vec::as_slice)
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Their bytes.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}
