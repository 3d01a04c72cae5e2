//! What the README shows of mappings.

use crate::mapping::Mapping;

#[test]
fn every_mapping_is_one() {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```toml\n").skip(1);
    let blocks: Vec<_> = blocks.filter_map(|rest| rest.split("```").next()).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let mapping = Mapping::parse(block);
        assert!(mapping.is_ok(), "{block}\n{:?}", mapping.err());
    }
}
