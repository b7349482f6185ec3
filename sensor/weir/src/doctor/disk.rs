//! The data directory: space and write speed.

use super::{Check, State, say};
use crate::clock::WallClock;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Bytes written to measure.
const MEASURED: usize = 32 << 20;
/// Bytes a second below which a busy sensor's records do not fit.
const SLOW: f64 = 30e6;
/// Free space below which it is soon full.
const LITTLE: u64 = 10 << 30;

/// The checks of the directory `wanted`, or of the nearest one above it that is there.
pub fn checks(wanted: &Path) -> Vec<Check> {
    let shown = wanted.display().to_string();
    let Some(there) = nearest(wanted) else {
        let found = say("没有这样的目录", "there is no such directory");
        let change = say("请用 --data 给出可写的目录", "name one that can be written by --data");
        return vec![Check::new("disk.space", &shown, 0, found).stands(State::Bad, change)];
    };
    vec![space(&there, &shown), speed(&there, &shown)]
}

fn nearest(wanted: &Path) -> Option<PathBuf> {
    let whole = std::path::absolute(wanted).ok()?;
    whole.ancestors().find(|p| p.is_dir()).map(Path::to_path_buf)
}

fn space(there: &Path, shown: &str) -> Check {
    let free = rustix::fs::statvfs(there).map_or(0, |s| s.f_bavail.saturating_mul(s.f_frsize));
    let gib = free as f64 / f64::from(1 << 30);
    let found = say(format!("可用空间 {gib:.1} GiB"), format!("{gib:.1} GiB free"));
    Check::new("disk.space", shown, free, found).stands_if(
        free < LITTLE,
        State::Warn,
        "缺省上限为数据库 8 GiB 与记录文件 9 GiB；请腾出空间，或减小 store.database_mib、store.lines_mib",
        "the default bounds are 8 GiB of database and 9 GiB of lines; free some space, or lower store.database_mib and store.lines_mib",
    )
}

fn speed(there: &Path, shown: &str) -> Check {
    let path = there.join(format!(".weir-doctor-{}", std::process::id()));
    let measured = measure(&path);
    // It may never have been made.
    drop(fs::remove_file(&path));
    match measured {
        Ok(rate) => {
            let mb = rate / 1e6;
            let found = say(format!("顺序写 {mb:.0} MB/s"), format!("writes {mb:.0} MB/s in sequence"));
            Check::new("disk.speed", shown, mb.round(), found).stands_if(
                rate < SLOW,
                State::Warn,
                "每秒上万次调用时写入会滞后；请换更快的盘，或减小 store.rows_per_second",
                "at tens of thousands of exchanges a second writing falls behind; use a faster disk, or lower store.rows_per_second",
            )
        }
        Err(e) => {
            let found = say(format!("无法写入：{e}"), format!("cannot be written: {e}"));
            let change = say(
                "请更改权限，或用 --data 给出其他目录",
                "change its permissions, or name another directory by --data",
            );
            Check::new("disk.speed", shown, 0, found).stands(State::Bad, change)
        }
    }
}

/// Bytes a second, until they are on the device.
fn measure(path: &Path) -> std::io::Result<f64> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let block = vec![0xa5; 1 << 20];
    let clock = WallClock::start();
    for _ in 0..MEASURED / block.len() {
        file.write_all(&block)?;
    }
    file.sync_data()?;
    Ok(MEASURED as f64 / clock.elapsed().as_secs_f64().max(1e-6))
}
