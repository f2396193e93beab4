//! A defect of SurrealDB 3.3.5 that shapes our queries, watched: when this test fails, the shape may be used again.

use std::path::Path;

fn sources(directory: &Path, out: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn no_query_has_the_shape_that_answers_wrong_rows() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 10);
    for (path, text) in files {
        let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join(" ").to_lowercase();
        for piece in code.split("type::record(").skip(1) {
            let statement = piece.split(';').next().unwrap_or_default();
            let range = statement.contains("..[") || statement.contains("..$");
            assert!(
                !(range && statement.contains("order by id desc")),
                "{path}: ORDER BY id DESC over a record range reads the wrong rows"
            );
        }
    }
}
