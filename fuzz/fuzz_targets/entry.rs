//! Feeds [`fuzz::entry`].
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    fuzz::entry::check(input);
});
