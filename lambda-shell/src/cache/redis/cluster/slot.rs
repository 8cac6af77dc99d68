//! Which slot a key is in.

pub(super) const SLOTS: u16 = 16_384;

/// Returns a key's slot: the CRC-16/XMODEM of what stands between its first braces, or of all of it.
pub(super) fn slot(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(tag, _)| tag);
    crc16(tag.filter(|tag| !tag.is_empty()).unwrap_or(key).as_bytes()) % SLOTS
}

fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| shifted(crc)))
}

fn shifted(crc: u16) -> u16 {
    let reduced = if crc & 0x8000 == 0 { 0 } else { 0x1021 };
    (crc << 1) ^ reduced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_is_that_of_the_specification() {
        assert_eq!(crc16(b"123456789"), 0x31C3);
    }

    #[test]
    fn keys_have_the_slots_that_a_server_says() {
        for (key, expected) in [("", 0), ("foo", 12_182), ("bar", 5061), ("123456789", 12_739)] {
            assert_eq!(slot(key), expected, "{key}");
        }
    }

    #[test]
    fn braces_choose_what_counts() {
        for key in ["{foo}", "x{foo}y", "{foo}{bar}", "{foo}}"] {
            assert_eq!(slot(key), slot("foo"), "{key}");
        }
        assert_ne!(slot("{}foo"), slot("foo"));
        assert_ne!(slot("{foo"), slot("foo"));
        assert_eq!(slot("{{foo}}"), slot("{foo"));
    }
}
