//! The secret that tokens for clients are signed with.
//!
//! A development server has no signing key to derive it from, so it is random. It is kept beside the
//! state, not in it: a token is to outlive a restart, and a copy of the database is to say nothing
//! of it.

use std::io::{self, Write as _};
use std::path::Path;

use everstep_engine::rt::{Random, SystemRandom};
use everstep_protocol::token::TokenKey;

use crate::dev::Data;

const FILE: &str = "token.key";

/// The secret of the server whose state is there; a new one, if there is none yet.
pub fn load(data: &Data) -> io::Result<TokenKey> {
    match data {
        Data::Memory => Ok(TokenKey::new(fresh())),
        Data::Folder(folder) => of_file(&folder.join(FILE)),
    }
}

fn of_file(path: &Path) -> io::Result<TokenKey> {
    if let Some(secret) = read(path)? {
        return Ok(TokenKey::new(secret));
    }
    let secret = fresh();
    write(path, &secret)?;
    Ok(TokenKey::new(secret))
}

/// `None` if there is no secret, or not all of it: then nobody has been given a token.
fn read(path: &Path) -> io::Result<Option<[u8; 32]>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(bytes.try_into().ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write(path: &Path, secret: &[u8]) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(secret)?;
    file.sync_all()
}

fn fresh() -> [u8; 32] {
    let mut secret = [0; 32];
    let (first, second) = secret.split_at_mut(16);
    first.copy_from_slice(&SystemRandom.entropy().to_be_bytes());
    second.copy_from_slice(&SystemRandom.entropy().to_be_bytes());
    secret
}

#[cfg(test)]
mod tests {
    use everstep_protocol::{RunId, Timestamp};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    /// Whether the second takes the tokens of the first.
    fn agree(first: &TokenKey, second: &TokenKey) -> bool {
        let run = RunId::from_parts(NOW, 1);
        let token = first.result_token(run, NOW);
        second.check_result(&token, run, NOW).is_ok()
    }

    #[test]
    fn the_secret_is_kept_beside_the_state() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::Folder(folder.path().to_owned());
        let first = load(&data).unwrap();
        assert!(agree(&first, &load(&data).unwrap()));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let meta = std::fs::metadata(folder.path().join(FILE)).unwrap();
            assert_eq!(meta.permissions().mode() & 0o777, 0o600);
        }
        // A process that was killed while it wrote has given nobody a token.
        std::fs::write(folder.path().join(FILE), "half").unwrap();
        let second = load(&data).unwrap();
        assert!(!agree(&first, &second));
        assert!(agree(&second, &load(&data).unwrap()));
    }

    #[test]
    fn no_two_servers_have_the_same_one() {
        let (one, two) = (load(&Data::Memory).unwrap(), load(&Data::Memory).unwrap());
        assert!(!agree(&one, &two));
    }

    #[test]
    fn a_folder_that_is_none_is_an_error() {
        assert!(load(&Data::Folder("/nowhere/at/all".into())).is_err());
    }
}
