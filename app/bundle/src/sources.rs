//! The digest of the sources that both halves of the pages are compiled from, the program's and the browser's.
//! `app/build.rs` puts it into the program, and `app/bundle` into the bundle's manifest.

use std::{fs, io, path::Path};

/// The sources, from `app/`: folders and files.
pub(crate) const SOURCES: [&str; 3] = ["src", "shared/src", "../Cargo.lock"];

/// The digest of all of them and their paths. `app`: the folder.
pub(crate) fn digest(app: &Path) -> io::Result<String> {
    let mut parts = Vec::new();
    for source in SOURCES {
        read(app, source, &mut parts)?;
    }
    Ok(hash(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>()))
}

fn read(app: &Path, name: &str, parts: &mut Vec<Vec<u8>>) -> io::Result<()> {
    let path = app.join(name);
    if !path.is_dir() {
        parts.extend([name.as_bytes().to_vec(), fs::read(path)?]);
        return Ok(());
    }
    let below = |entry: io::Result<fs::DirEntry>| Ok(format!("{name}/{}", entry?.file_name().to_string_lossy()));
    let mut names = fs::read_dir(path)?.map(below).collect::<io::Result<Vec<_>>>()?;
    names.sort();
    names.iter().try_for_each(|name| read(app, name, parts))
}

/// A short name for some content, by FNV-1a. It only has to change with the content: no attacker chooses these files,
/// so collisions don't matter.
pub(crate) fn hash(parts: &[&[u8]]) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for part in parts {
        for byte in *part {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
