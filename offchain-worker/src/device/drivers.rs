//! OpenCL drivers: where they are registered, and how to register one of them alone.
//!
//! OpenCL's loader loads every registered driver into the process that lists devices. A driver that
//! crashes or hangs there would hide the devices of all others. A child therefore sees the
//! registration of only one driver.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The default folder of registrations.
const VENDORS: &str = "/etc/OpenCL/vendors";
/// Environment variables of OpenCL's loaders that name drivers, or folders of them.
pub(crate) const VENDORS_VARIABLE: &str = "OCL_ICD_VENDORS";
const OTHER_VENDORS_VARIABLE: &str = "OPENCL_VENDOR_PATH";
const FILES_VARIABLE: &str = "OCL_ICD_FILENAMES";
/// Variables that are removed for a child with one driver.
pub(crate) const REPLACED: &[&str] = &[OTHER_VENDORS_VARIABLE, FILES_VARIABLE];

/// A registered driver.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Driver {
    /// The file that registers it. `None` if there is none, so that OpenCL's loader decides.
    file: Option<PathBuf>,
    /// The library, by path or name.
    library: String,
}

impl Driver {
    /// The driver's name in messages: the file that registers it.
    pub(crate) fn name(&self) -> String {
        self.file.as_ref().map_or_else(|| "OpenCL's loader".into(), |file| file.display().to_string())
    }

    /// Whether a file registers the driver.
    pub(crate) fn is_registered(&self) -> bool {
        self.file.is_some()
    }

    /// A folder within `folder` in which only this driver is registered. Created if it does not
    /// exist. It is empty if the driver is no longer registered. `None` if it never was.
    pub(crate) fn alone_in(&self, folder: &Path) -> io::Result<Option<PathBuf>> {
        let Some(registered) = &self.file else { return Ok(None) };
        let own = folder.join(hex::encode(dpin_primitives::blake2(self.library.as_bytes())));
        let file = own.join("driver.icd");
        fs::create_dir_all(&own)?;
        // Readable for whichever user the child is.
        fs::set_permissions(&own, fs::Permissions::from_mode(0o755))?;
        if is_registration(registered) && read(registered.clone()).as_ref() != Some(self) {
            let _ = fs::remove_file(&file);
        } else if !file.exists() {
            crate::store::files::write_atomic(&file, format!("{}\n", self.library).as_bytes())?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
        }
        Ok(Some(own))
    }
}

/// The drivers that OpenCL's loader would load, each once; never empty.
pub(crate) fn registered() -> Vec<Driver> {
    registered_by(&|name| std::env::var_os(name), Path::new(VENDORS))
}

/// The drivers for these environment variables and the default folder `vendors`.
fn registered_by(variable: &dyn Fn(&str) -> Option<OsString>, vendors: &Path) -> Vec<Driver> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let by_name =
        set(FILES_VARIABLE).map(|names| std::env::split_paths(&names).collect::<Vec<_>>()).unwrap_or_default();
    let by_name = by_name
        .into_iter()
        .map(|library| Driver { library: library.to_string_lossy().into_owned(), file: Some(library) });
    let place =
        set(VENDORS_VARIABLE).or_else(|| set(OTHER_VENDORS_VARIABLE)).map_or_else(|| vendors.into(), PathBuf::from);
    let listed: Vec<Driver> = if place.is_dir() {
        let mut files: Vec<PathBuf> =
            fs::read_dir(&place).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        files.sort();
        files.into_iter().filter(|file| is_registration(file)).filter_map(read).collect()
    } else if is_registration(&place) {
        // The variable may also name a file in the default folder.
        let file = if place.exists() { place } else { vendors.join(place) };
        read(file).into_iter().collect()
    } else if place.components().next().is_some() && place != vendors {
        vec![Driver { library: place.to_string_lossy().into_owned(), file: Some(place) }]
    } else {
        Vec::new()
    };
    let mut drivers: Vec<Driver> = Vec::new();
    for driver in by_name.chain(listed) {
        if !drivers.iter().any(|other| real(&other.library) == real(&driver.library)) {
            drivers.push(driver);
        }
    }
    if drivers.is_empty() {
        drivers.push(Driver { file: None, library: String::new() });
    }
    drivers
}

fn is_registration(file: &Path) -> bool {
    file.extension().is_some_and(|end| end == "icd")
}

/// The driver that `file` registers.
pub(crate) fn read(file: PathBuf) -> Option<Driver> {
    let text = fs::read_to_string(&file).ok()?;
    let library = text.lines().next()?.trim();
    (!library.is_empty()).then(|| Driver { library: library.into(), file: Some(file) })
}

/// A library's path with symbolic links resolved.
fn real(library: &str) -> PathBuf {
    let path = Path::new(library);
    if path.is_absolute() { path.canonicalize().unwrap_or_else(|_| path.into()) } else { path.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(file, text)| fs::write(folder.path().join(file), text).unwrap());
        folder
    }

    fn libraries(variables: &[(&str, &str)], vendors: &Path) -> Vec<String> {
        let variable = |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| value.into());
        registered_by(&variable, vendors).into_iter().map(|driver| driver.library).collect()
    }

    #[test]
    fn drivers_are_those_that_the_loader_would_load() {
        let usual = folder(&[("b.icd", "libb.so\n"), ("a.icd", "liba.so"), ("c.txt", "libc.so"), ("d.icd", "\n")]);
        let other = folder(&[("x.icd", "libx.so")]);
        let (usual, other) = (usual.path(), other.path());
        assert_eq!(libraries(&[], usual), ["liba.so", "libb.so"]);
        let place = other.to_str().unwrap();
        assert_eq!(libraries(&[("OCL_ICD_VENDORS", place)], usual), ["libx.so"]);
        assert_eq!(libraries(&[("OPENCL_VENDOR_PATH", place)], usual), ["libx.so"]);
        let file = other.join("x.icd");
        assert_eq!(libraries(&[("OCL_ICD_VENDORS", file.to_str().unwrap())], usual), ["libx.so"]);
        assert_eq!(libraries(&[("OCL_ICD_VENDORS", "b.icd")], usual), ["libb.so"]);
        assert_eq!(libraries(&[("OCL_ICD_VENDORS", "liby.so")], usual), ["liby.so"]);
        assert_eq!(libraries(&[("OCL_ICD_FILENAMES", "libz.so:liba.so")], usual), ["libz.so", "liba.so", "libb.so"]);
        assert_eq!(libraries(&[("OCL_ICD_VENDORS", "")], usual), ["liba.so", "libb.so"]);
    }

    #[test]
    fn a_library_is_loaded_once_however_often_it_is_registered() {
        let libraries_there = folder(&[("lib.so.1", "")]);
        let real = libraries_there.path().join("lib.so.1");
        let link = libraries_there.path().join("lib.so");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let (real, link) = (real.to_str().unwrap(), link.to_str().unwrap());
        let vendors = folder(&[("a.icd", real), ("b.icd", link), ("c.icd", real)]);
        assert_eq!(libraries(&[], vendors.path()), [real]);
    }

    #[test]
    fn without_a_registration_the_loader_is_asked_all_the_same() {
        let vendors = folder(&[]);
        let none = registered_by(&|_| None, vendors.path());
        assert!(
            matches!(none.as_slice(), [one] if !one.is_registered() && one.alone_in(vendors.path()).unwrap().is_none())
        );
        assert_eq!(registered_by(&|_| None, Path::new("/nowhere/vendors")).len(), 1);
    }

    #[test]
    fn a_driver_is_registered_alone() {
        let vendors = folder(&[("a.icd", "liba.so"), ("b.icd", "libb.so")]);
        let own = tempfile::tempdir().unwrap();
        for driver in registered_by(&|_| None, vendors.path()) {
            let alone = driver.alone_in(own.path()).unwrap().unwrap();
            assert_eq!(driver.alone_in(own.path()).unwrap().as_ref(), Some(&alone));
            let again = registered_by(&|name| (name == VENDORS_VARIABLE).then(|| alone.clone().into()), vendors.path());
            assert!(matches!(again.as_slice(), [one] if one.library == driver.library), "{again:?}");
        }
    }

    #[test]
    fn a_driver_that_is_taken_away_is_registered_nowhere() {
        let (vendors, own) = (folder(&[("a.icd", "liba.so")]), tempfile::tempdir().unwrap());
        let [driver] = registered_by(&|_| None, vendors.path()).try_into().unwrap();
        let alone = driver.alone_in(own.path()).unwrap().unwrap();
        assert!(alone.join("driver.icd").exists());
        fs::remove_file(vendors.path().join("a.icd")).unwrap();
        assert_eq!(driver.alone_in(own.path()).unwrap().as_ref(), Some(&alone));
        assert!(!alone.join("driver.icd").exists());
        fs::write(vendors.path().join("a.icd"), "liba.so").unwrap();
        driver.alone_in(own.path()).unwrap();
        assert!(alone.join("driver.icd").exists());
    }
}
