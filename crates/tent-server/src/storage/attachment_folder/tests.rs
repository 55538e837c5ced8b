//! Files that come and go.

use super::*;

fn new_file(folder: &AttachmentFolder, content: &[u8]) -> NewFile {
    let mut file = folder.create().unwrap();
    file.write(content).unwrap();
    file
}

fn keep(folder: &Arc<AttachmentFolder>, content: &[u8]) -> KeptFile {
    let file = new_file(folder, content);
    folder.keep(vec![file]).unwrap().pop().unwrap()
}

#[test]
fn files_stand_under_their_hash_and_go_when_nobody_holds_them() {
    let folder = Arc::new(AttachmentFolder::temporary());
    let (one, again) = (keep(&folder, b"abc"), keep(&folder, b"abc"));
    let digest = one.digest();
    // FIPS 180-4, the first example.
    assert!(digest.to_string().starts_with("ba7816bf8f01cfea"));
    assert_eq!(folder.digests().unwrap(), [digest], "stored once");
    drop(one);
    assert_eq!(folder.condemn(vec![digest]), [], "somebody holds it");
    assert_eq!(folder.take_loose(), []);
    drop(again);
    assert_eq!(folder.take_loose(), [digest]);
    assert_eq!(folder.condemn(vec![digest]), [digest]);
    folder.remove(&[digest]).unwrap();
    assert_eq!(folder.digests().unwrap(), []);
    assert!(folder.read(digest).is_err());
}

#[test]
fn what_is_held_once_more_is_spared() {
    let folder = Arc::new(AttachmentFolder::temporary());
    let digest = keep(&folder, b"abc").digest();
    folder.condemn(vec![digest]);
    // Stored and let go while the database was asked, which did not see it.
    drop(keep(&folder, b"abc"));
    folder.remove(&[digest]).unwrap();
    assert_eq!(folder.digests().unwrap(), [digest]);
}

#[test]
fn what_has_not_come_as_a_whole_is_gone() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("files");
    let folder = Arc::new(AttachmentFolder::open(path.clone()).unwrap());
    assert!(AttachmentFolder::open(path.clone()).is_err(), "in use");
    drop(new_file(&folder, b"half"));
    let kept = keep(&folder, b"abc").digest();
    // What a crash leaves.
    std::mem::forget(new_file(&folder, b"half"));
    assert_eq!(names(&path).unwrap().len(), 4);
    drop(folder);
    fs::write(path.join("notes"), "mine").unwrap();
    let folder = AttachmentFolder::open(path.clone()).unwrap();
    assert_eq!(
        names(&path).unwrap().len(),
        4,
        "the locks, the file, the notes"
    );
    assert_eq!(folder.digests().unwrap(), [kept]);
}

#[test]
fn in_a_shared_folder_only_what_is_old_goes() {
    let directory = tempfile::tempdir().unwrap();
    let open = || AttachmentFolder::open_shared(directory.path().to_owned()).unwrap();
    let (one, other) = (Arc::new(open()), Arc::new(open()));
    let digest = keep(&one, b"abc").digest();
    let is_there = || other.read(digest).is_ok();
    // The other does not know that it is held by the one, or was just now.
    other.condemn(vec![digest]);
    other.remove(&[digest]).unwrap();
    assert!(is_there());
    assert_eq!(other.take_loose(), [digest], "it is looked at again");

    let path = directory.path().join(digest.to_string());
    let old = SystemTime::now() - 2 * GRACE;
    let age = |path: &Path| {
        let file = File::options().append(true).open(path).unwrap();
        file.set_modified(old).unwrap();
    };
    age(&path);
    drop(keep(&one, b"abc")); // once more
    other.condemn(vec![digest]);
    other.remove(&[digest]).unwrap();
    assert!(is_there());
    age(&path);
    other.condemn(vec![digest]);
    other.remove(&[digest]).unwrap();
    assert!(!is_there());

    let half = directory.path().join("incoming-x");
    let fresh = directory.path().join("incoming-y");
    for path in [&half, &fresh] {
        fs::write(path, "half").unwrap();
    }
    age(&half);
    open();
    assert_eq!((half.exists(), fresh.exists()), (false, true));

    // Somebody died before it was sure that nobody needs it, and somebody else keeps it once more.
    let digest = keep(&one, b"abc").digest();
    let path = directory.path().join(digest.to_string());
    let aside = path.with_extension(ASIDE);
    fs::rename(&path, &aside).unwrap();
    let copying = keep_all(directory.path()).unwrap();
    open();
    assert!(aside.exists(), "whoever copies is not disturbed");
    drop(copying);
    open();
    assert_eq!((aside.exists(), path.exists()), (false, true));
    fs::copy(&path, &aside).unwrap();
    open();
    assert_eq!((aside.exists(), path.exists()), (false, true));
}

#[cfg(unix)]
#[test]
fn it_is_for_the_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("files");
    let folder = Arc::new(AttachmentFolder::open(path.clone()).unwrap());
    let file = path.join(keep(&folder, b"abc").digest().to_string());
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&file)), (0o700, 0o600));
}
