//! One process a directory: an advisory lock that the system releases when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use crate::error::OpenError;

/// Makes the directory (private to its owner) and locks it for as long as the answer lives.
pub(crate) fn lock(directory: &Path) -> Result<File, OpenError> {
    let denied = |cause| OpenError::Directory { path: directory.to_owned(), cause };
    if !directory.exists() {
        std::fs::create_dir_all(directory).map_err(denied)?;
        restrict(directory, 0o700).map_err(denied)?;
    }
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(directory.join("lock")).map_err(denied)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::Locked(directory.to_owned())),
        Err(TryLockError::Error(cause)) => Err(denied(cause)),
    }
}

/// Narrows the permissions of a file or directory.
pub(crate) fn restrict(path: &Path, mode: u32) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode))
}
