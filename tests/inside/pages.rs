//! What the pages show of mappings and project files.

use crate::mapping::Mapping;
use crate::push::project::Project;

#[test]
fn every_mapping_and_project_file_is_one() {
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let pages = std::fs::read_dir(docs).unwrap();
    let pages = pages.map(|page| page.unwrap().path());
    let pages = pages.filter(|page| page.extension().is_some_and(|end| end == "md"));
    let text: String = pages
        .map(|page| std::fs::read_to_string(page).unwrap())
        .collect();
    let blocks = text.split("```toml").skip(1);
    let blocks = blocks.filter_map(|rest| rest.split("```").next()?.split_once('\n'));
    let blocks: Vec<_> = blocks.map(|(_, block)| block).collect();
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
