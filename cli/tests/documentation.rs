//! The Rust in the documentation is that of the examples, which compile.

const PAGE: &str = include_str!("../../docs/dapp.md");
const EXAMPLE: &str = include_str!("../examples/requester.rs");

/// The blocks of Rust in a page.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_rust_in_the_page_for_dapps_is_in_the_example() {
    let mut example = EXAMPLE.lines().map(str::trim);
    let blocks = blocks(PAGE);
    assert!(!blocks.is_empty(), "docs/dapp.md has no Rust");
    for line in blocks.iter().flat_map(|block| block.lines()).map(str::trim).filter(|line| !line.is_empty()) {
        // In the same order, so that what is left out of the page can be left out only as a whole line.
        assert!(example.any(|known| known == line), "docs/dapp.md has a line that the example does not have: {line}");
    }
}
