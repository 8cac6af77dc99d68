//! Feeds [`fuzz::evaluate`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    fuzz::evaluate::check(input);
});
