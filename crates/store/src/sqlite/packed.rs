//! Jobs packed into one value: 16 bytes of the run and 4 of the number each, big-endian.

use everstep_protocol::{JobId, RunId};

const RUN_SIZE: usize = 16;
pub(super) const JOB_SIZE: usize = RUN_SIZE + 4;

pub(super) fn pack(job: JobId) -> [u8; JOB_SIZE] {
    let mut packed = [0; JOB_SIZE];
    packed[..RUN_SIZE].copy_from_slice(&job.run.to_bytes());
    packed[RUN_SIZE..].copy_from_slice(&job.number.to_be_bytes());
    packed
}

/// Any number of jobs; `None`, for a null, if there are none.
pub(super) fn pack_all(jobs: &[JobId]) -> Option<Vec<u8>> {
    let packed = jobs.iter().flat_map(|job| pack(*job));
    (!jobs.is_empty()).then(|| packed.collect())
}

pub(super) fn unpack(packed: &[u8; JOB_SIZE]) -> JobId {
    let (mut run, mut number) = ([0; RUN_SIZE], [0; JOB_SIZE - RUN_SIZE]);
    run.copy_from_slice(&packed[..RUN_SIZE]);
    number.copy_from_slice(&packed[RUN_SIZE..]);
    JobId {
        run: RunId::from_bytes(run),
        number: u32::from_be_bytes(number),
    }
}
