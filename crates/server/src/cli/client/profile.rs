//! Profiles: servers and keys under names, in `everstep/profiles.toml` of the user's configuration
//! folder. The file has keys in it: only its owner may read it.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::cli::Exit;

/// The profile that counts if none is chosen.
pub(in crate::cli) const NAME_DEFAULT: &str = "default";

/// A server and how to authenticate to it.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct Profile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) url: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) api_key: Option<String>,
}

/// What the file says.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(in crate::cli) struct Profiles {
    /// The name of the profile that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::cli) current: Option<String>,
    #[serde(default, rename = "profile")]
    pub(in crate::cli) by_name: BTreeMap<String, Profile>,
}

impl Profiles {
    /// Those of the user; none if there is no file.
    pub(in crate::cli) fn load() -> Result<Self, Exit> {
        Self::read(&file()?)
    }

    fn read(path: &Path) -> Result<Self, Exit> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(bad(path, &error)),
        };
        toml::from_str(&text).map_err(|error| bad(path, &error))
    }

    /// Replaces the file as a whole.
    pub(in crate::cli) fn store(&self) -> Result<(), Exit> {
        self.write(&file()?)
    }

    fn write(&self, path: &Path) -> Result<(), Exit> {
        let failed = |error: &dyn std::fmt::Display| {
            Exit::cannot_create(format!("{}: {error}", path.display()))
        };
        let text = toml::to_string(self).map_err(|error| failed(&error))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        // Created with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|error| failed(&error))?;
        file.write_all(text.as_bytes())
            .map_err(|error| failed(&error))?;
        file.persist(path).map_err(|error| failed(&error))?;
        Ok(())
    }

    /// The profile of this name, else the current one, else an empty one.
    pub(in crate::cli) fn chosen(self, name: Option<&str>) -> Result<Profile, Exit> {
        let wanted = name.or(self.current.as_deref()).unwrap_or(NAME_DEFAULT);
        match self.by_name.get(wanted) {
            Some(profile) => Ok(profile.clone()),
            None if wanted == NAME_DEFAULT => Ok(Profile::default()),
            None => Err(Exit::bad_config(format!(
                "there is no profile {wanted:?}: `everstep config profile set {wanted} --url …` makes one"
            ))),
        }
    }
}

/// Where the file is.
fn file() -> Result<PathBuf, Exit> {
    let folders = etcetera::choose_base_strategy()
        .map_err(|error| Exit::bad_config(format!("no configuration folder: {error}")))?;
    Ok(folders.config_dir().join("everstep").join("profiles.toml"))
}

fn bad(path: &Path, error: &dyn std::fmt::Display) -> Exit {
    Exit::bad_config(format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_and_nobody_else_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("everstep").join("profiles.toml");
        assert!(Profiles::read(&path).unwrap().by_name.is_empty());
        let mut profiles = Profiles::default();
        let profile = Profile {
            url: Some("https://jobs.example.com/".parse().unwrap()),
            api_key: Some("secret".to_owned()),
        };
        profiles.by_name.insert("live".to_owned(), profile);
        profiles.write(&path).unwrap();
        let read = Profiles::read(&path).unwrap();
        let chosen = read.clone().chosen(Some("live")).unwrap();
        assert_eq!(chosen.url.unwrap().as_str(), "https://jobs.example.com/");
        assert_eq!(chosen.api_key.as_deref(), Some("secret"));
        assert_eq!(read.clone().chosen(None).unwrap().url, None);
        assert_eq!(read.chosen(Some("test")).unwrap_err().code(), 78);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn the_current_profile_counts_unless_another_is_named() {
        let text =
            "current = \"b\"\n[profile.a]\nurl = \"http://a/\"\n[profile.b]\nurl = \"http://b/\"\n";
        let profiles: Profiles = toml::from_str(text).unwrap();
        let url = |name| profiles.clone().chosen(name).unwrap().url.unwrap();
        assert_eq!(url(None).as_str(), "http://b/");
        assert_eq!(url(Some("a")).as_str(), "http://a/");
    }

    #[test]
    fn a_file_with_a_mistake_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profiles.toml");
        std::fs::write(&path, "[profile.a]\nulr = \"http://a/\"\n").unwrap();
        let exit = Profiles::read(&path).unwrap_err();
        assert_eq!(exit.code(), 78);
        let message = exit.message().unwrap();
        assert!(
            message.contains("profiles.toml") && message.contains("ulr"),
            "{message}"
        );
    }
}
