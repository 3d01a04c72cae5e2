//! What the README shows of mappings and project files.

use crate::mapping::Mapping;
use crate::push::project::Project;

#[test]
fn every_mapping_and_project_file_is_one() {
    let readme = include_str!("../../README.md");
    let blocks = readme.split("```toml\n").skip(1);
    let blocks: Vec<_> = blocks.filter_map(|rest| rest.split("```").next()).collect();
    let (projects, mappings): (Vec<_>, Vec<_>) = blocks
        .into_iter()
        .partition(|block| block.contains("\n[push."));
    assert!(!mappings.is_empty() && !projects.is_empty());
    for block in mappings {
        let mapping = Mapping::parse(block);
        assert!(mapping.is_ok(), "{block}\n{:?}", mapping.err());
    }
    let folder = tempfile::tempdir().unwrap();
    for block in projects {
        let path = folder.path().join("qobra-push.toml");
        std::fs::write(&path, block).unwrap();
        let project = Project::read(Some(&path));
        assert!(project.is_ok(), "{block}\n{:?}", project.err());
    }
}
