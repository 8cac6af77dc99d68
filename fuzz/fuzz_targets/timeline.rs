//! Feeds [`fuzz::timeline`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    fuzz::timeline::check(input);
});
