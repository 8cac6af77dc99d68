//! Feeds [`fuzz::mapping_rules`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    fuzz::mapping_rules::check(input);
});
