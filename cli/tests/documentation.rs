//! Checks that the Rust code in the documentation is that of the examples, which compile.

const PAGE: &str = include_str!("../../docs/dapp.md");
const EXAMPLE: &str = include_str!("../examples/requester.rs");

/// The code blocks of Rust in a page.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn the_rust_in_the_page_for_dapps_is_in_the_example() {
    let blocks = blocks(PAGE);
    assert!(!blocks.is_empty(), "docs/dapp.md has no Rust");
    let mut rest = EXAMPLE;
    for block in blocks {
        let (_, after) =
            rest.split_once(block).unwrap_or_else(|| panic!("the example has no such lines there: {block}"));
        rest = after;
    }
}
