//! Work on several threads, taken back in order.
//!
//! One thread, the caller's, makes the jobs and takes what became of them, both one after another;
//! the work between is done by as many workers as there are. So whatever depends on order (positions,
//! borders, messages) needs no thought of threads. The caller's thread is a worker too where it would
//! only wait: one thread more than there are cores takes turns with the others for nothing. A few
//! jobs are under way at a time, which bounds the memory. What the jobs are is left to the callers.

use std::collections::VecDeque;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, RecvError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::base::threads;

/// Jobs under way for each worker: one that it works on, and one that waits for it.
const JOBS_PER_WORKER: usize = 2;

/// The most workers. Making jobs and taking results are one thread's work, which more would outrun.
const MOST_WORKERS: usize = 6;

/// Where jobs come from, and where what became of them goes.
pub(super) trait Ends {
    /// What a worker is given.
    type Job: Send;
    /// What it makes of it.
    type Done: Send;
    /// Why no more can be done.
    type Error;

    /// The next job; none when there are no more. Not asked again after that.
    fn next(&mut self) -> Result<Option<Self::Job>, Self::Error>;

    /// Takes what became of a job: in the order in which the jobs were made.
    fn take(&mut self, done: Self::Done) -> Result<(), Self::Error>;
}

/// A job, and where to say what became of it.
type Order<J, D> = (J, SyncSender<D>);

/// As many workers as are worth their memory on this machine.
pub(super) fn worker_count() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get().min(MOST_WORKERS))
}

/// Lets the workers do all jobs, and gives them back.
pub(super) fn run<E: Ends, W: Send>(
    ends: &mut E,
    mut workers: Vec<W>,
    work: impl Fn(&mut W, E::Job) -> E::Done + Sync,
) -> Result<Vec<W>, E::Error> {
    let most = workers.len() * JOBS_PER_WORKER;
    let (orders, queue) = sync_channel::<Order<E::Job, E::Done>>(most);
    let (queue, work) = (&Mutex::new(queue), &work);
    let Some(mut own) = workers.pop() else {
        return Ok(workers);
    };
    // The closure owns `orders`: where this thread panics, the others see that no more will come.
    thread::scope(move |scope| {
        let (mut threads, mut idle) = (Vec::new(), Vec::new());
        for worker in workers {
            match threads::spawn_scoped(scope, worker, move |worker| attend(queue, worker, work)) {
                Ok(thread) => threads.push(thread),
                Err(worker) => idle.extend(worker),
            }
        }
        let help = || {
            let order = waiting(queue);
            order.map(|order| fulfil(order, &mut own, work)).is_some()
        };
        let outcome = distribute(ends, &orders, most, help);
        drop(orders);
        let workers = threads.into_iter().map(|thread| thread.join());
        let mut workers: Vec<W> = workers
            .filter_map(|ended| ended.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect();
        workers.append(&mut idle);
        workers.push(own);
        outcome.map(|()| workers)
    })
}

/// Keeps up to `most` jobs under way until there are no more, and helps as long as the next one by
/// order is not done.
fn distribute<E: Ends>(
    ends: &mut E,
    orders: &SyncSender<Order<E::Job, E::Done>>,
    most: usize,
    mut help: impl FnMut() -> bool,
) -> Result<(), E::Error> {
    let mut under_way: VecDeque<Receiver<E::Done>> = VecDeque::with_capacity(most);
    let mut last = None;
    loop {
        while last.is_none() && under_way.len() < most {
            match ends.next() {
                Ok(Some(job)) => {
                    let (answer, answered) = sync_channel(1);
                    under_way.push_back(answered);
                    // Without workers there is no answer either, which is seen below.
                    let _ = orders.send((job, answer));
                }
                Ok(None) => last = Some(Ok(())),
                Err(error) => last = Some(Err(error)),
            }
        }
        let Some(answered) = under_way.pop_front() else {
            return last.unwrap_or(Ok(()));
        };
        match answer_of(&answered, &mut help) {
            Ok(done) => ends.take(done)?,
            // The worker panicked; whoever joins it goes on with that.
            Err(RecvError) => return Ok(()),
        }
    }
}

/// What became of a job, once nothing else can be done meanwhile.
fn answer_of<D>(answered: &Receiver<D>, mut help: impl FnMut() -> bool) -> Result<D, RecvError> {
    loop {
        match answered.try_recv() {
            Ok(done) => return Ok(done),
            Err(TryRecvError::Disconnected) => return Err(RecvError),
            Err(TryRecvError::Empty) if help() => {}
            Err(TryRecvError::Empty) => return answered.recv(),
        }
    }
}

/// Does jobs until there are no more, and gives the worker back.
fn attend<W, J, D>(
    queue: &Mutex<Receiver<Order<J, D>>>,
    mut worker: W,
    work: &impl Fn(&mut W, J) -> D,
) -> W {
    loop {
        let order = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(order) = order else {
            return worker;
        };
        fulfil(order, &mut worker, work);
    }
}

fn fulfil<W, J, D>((job, answer): Order<J, D>, worker: &mut W, work: &impl Fn(&mut W, J) -> D) {
    // Nobody waits for the answer after an error.
    let _ = answer.send(work(worker, job));
}

/// A job that no worker has begun. None while a worker waits for one: it has the queue.
fn waiting<J, D>(queue: &Mutex<Receiver<Order<J, D>>>) -> Option<Order<J, D>> {
    queue.try_lock().ok()?.try_recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Numbers {
        jobs: std::ops::Range<u32>,
        fails_at: u32,
        taken: Vec<u32>,
    }

    impl Ends for Numbers {
        type Job = u32;
        type Done = Result<u32, u32>;
        type Error = u32;

        fn next(&mut self) -> Result<Option<u32>, u32> {
            match self.jobs.next() {
                Some(job) if job == self.fails_at => Err(job),
                job => Ok(job),
            }
        }

        fn take(&mut self, done: Result<u32, u32>) -> Result<(), u32> {
            self.taken.push(done?);
            Ok(())
        }
    }

    fn numbers(fails_at: u32) -> Numbers {
        Numbers {
            jobs: 0..1_000,
            fails_at,
            taken: Vec::new(),
        }
    }

    #[test]
    fn everything_is_taken_once_and_in_order() {
        for workers in [1, 2, 5] {
            let mut ends = numbers(u32::MAX);
            let count = |done: &mut u32, job| {
                *done += 1;
                // The later jobs of a pair are the quicker ones.
                if job % 2 == 0 {
                    thread::yield_now();
                }
                Ok(job)
            };
            let counts = run(&mut ends, vec![0; workers], count).unwrap();
            assert!(ends.taken.iter().copied().eq(0..1_000));
            assert_eq!((counts.len(), counts.iter().sum()), (workers, 1_000_u32));
        }
    }

    #[test]
    fn the_first_error_by_order_is_the_one() {
        let mut ends = numbers(700);
        assert_eq!(run(&mut ends, vec![(); 3], |(), job| Ok(job)), Err(700));
        assert!(ends.taken.iter().copied().eq(0..700));

        let mut ends = numbers(700);
        let fail = |(): &mut (), job| if job == 698 { Err(job) } else { Ok(job) };
        assert_eq!(run(&mut ends, vec![(); 3], fail), Err(698));
        assert!(ends.taken.iter().copied().eq(0..698));
    }

    #[test]
    fn a_worker_that_panics_is_no_end_without_a_word() {
        let panic = |(): &mut (), job| match job {
            17 => panic!("job 17"),
            job => Ok(job),
        };
        // One worker is the caller's own thread; of several it may be any.
        for workers in [1, 2, 3] {
            let run = || run(&mut numbers(u32::MAX), vec![(); workers], panic);
            let panicked = std::panic::catch_unwind(run).unwrap_err();
            assert_eq!(panicked.downcast_ref(), Some(&"job 17"));
        }
    }
}
