//! Writes the browser's files, named by the hash of their content. Release builds add a Brotli copy.

use std::{fs, path::PathBuf};

use brotli::enc::{BrotliEncoderParams, backward_references::BrotliEncoderMode};

use crate::{manifest::Size, profile::Result};

/// The output folder.
#[derive(Debug)]
pub(crate) struct Files {
    site: PathBuf,
    compress: bool,
}

impl Files {
    pub(crate) fn new(site: PathBuf, compress: bool) -> Self {
        Self { site, compress }
    }

    /// Writes a file (`pkg/mandate-….js`) unless it already has this content. Returns its size.
    pub(crate) fn write(&self, file: &str, content: &[u8]) -> Result<Size> {
        let path = self.site.join(file);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let same = fs::read(&path).is_ok_and(|known| known == content);
        if !same {
            fs::write(&path, content)?;
        }
        let packed_path = self.site.join(format!("{file}.br"));
        let brotli = if self.compress {
            let known = fs::metadata(&packed_path).ok().filter(|_| same).map(|known| known.len());
            match known {
                Some(length) => Some(length),
                None => {
                    let packed = compress(content, file.ends_with(".wasm"))?;
                    fs::write(&packed_path, &packed)?;
                    Some(packed.len() as u64)
                }
            }
        } else {
            // A copy from an earlier release build would be served instead of the file.
            let _ = fs::remove_file(&packed_path);
            None
        };
        Ok(Size { file: file.into(), plain: content.len() as u64, brotli })
    }
}

/// Compresses at the highest quality: a release is built once and downloaded often.
fn compress(mut content: &[u8], binary: bool) -> Result<Vec<u8>> {
    let mode = if binary { BrotliEncoderMode::BROTLI_MODE_GENERIC } else { BrotliEncoderMode::BROTLI_MODE_TEXT };
    let parameters = BrotliEncoderParams { quality: 11, lgwin: 22, mode, ..BrotliEncoderParams::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut content, &mut packed, &parameters)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::hash;

    #[test]
    fn stale_brotli_copy_is_removed_by_the_next_build() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = "the same words again and again, ".repeat(50);
        let release = Files::new(folder.path().into(), true);
        let size = release.write("style/a.css", text.as_bytes()).expect("written");
        let packed = fs::read(folder.path().join("style/a.css.br")).expect("the copy");
        assert_eq!(size.brotli, Some(packed.len() as u64));
        assert!(packed.len() < text.len() / 10, "{}", packed.len());
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut plain).expect("Brotli");
        assert_eq!(plain, text.as_bytes());
        Files::new(folder.path().into(), false).write("style/a.css", b"other").expect("written");
        assert!(!folder.path().join("style/a.css.br").exists());
    }

    #[test]
    fn a_hash_changes_with_the_content() {
        assert_eq!(hash(&[b"ab", b"c"]), hash(&[b"abc"]));
        assert_ne!(hash(&[b"abc"]), hash(&[b"abd"]));
        // FNV-1a's own test vector.
        assert_eq!(hash(&[b"a"]), "af63dc4c8601ec8c");
    }
}
