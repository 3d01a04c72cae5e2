//! The order of pushes: each behind those that it comes after, else as the file has them.

use super::push::ProjectPush;

/// The pushes in their order, by their places in the file; or those that come after themselves.
pub(crate) fn ordered(pushes: &[ProjectPush]) -> Result<Vec<usize>, Vec<usize>> {
    let mut order: Vec<usize> = Vec::with_capacity(pushes.len());
    while order.len() < pushes.len() {
        let is_free = |n: &usize| {
            let done = |name: &String| order.iter().any(|done| pushes[*done].name == *name);
            let is_known = |name: &String| pushes.iter().any(|push| push.name == *name);
            !order.contains(n)
                && (pushes[*n].after.iter()).all(|(name, _)| done(name) || !is_known(name))
        };
        let Some(next) = (0..pushes.len()).find(is_free) else {
            return Err(circle(pushes, &order));
        };
        order.push(next);
    }
    Ok(order)
}

/// One circle among those that are not in order.
fn circle(pushes: &[ProjectPush], order: &[usize]) -> Vec<usize> {
    let left = |n: &usize| !order.contains(n);
    let mut walked: Vec<usize> = (0..pushes.len()).find(left).into_iter().collect();
    while let Some(&last) = walked.last() {
        let before =
            |n: &usize| (pushes[last].after.iter()).any(|(name, _)| pushes[*n].name == *name);
        let Some(next) = (0..pushes.len()).filter(left).find(before) else {
            break;
        };
        if let Some(start) = walked.iter().position(|n| *n == next) {
            return walked.split_off(start);
        }
        walked.push(next);
    }
    walked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Said;

    fn pushes(all: &[(&str, &[&str])]) -> Vec<ProjectPush> {
        let push = |(name, after): &(&str, &[&str])| ProjectPush {
            name: (*name).to_owned(),
            line: 1,
            lines: Vec::new(),
            files: Vec::new(),
            said: Said::new(),
            after: after.iter().map(|name| ((*name).to_owned(), 1)).collect(),
            after_gaps: false,
        };
        all.iter().map(push).collect()
    }

    #[test]
    fn each_comes_behind_what_it_comes_after() {
        let of = |all: &[(&str, &[&str])]| ordered(&pushes(all));
        assert_eq!(of(&[("a", &[]), ("b", &[])]), Ok(vec![0, 1]));
        assert_eq!(
            of(&[("a", &["c"]), ("b", &[]), ("c", &[])]),
            Ok(vec![1, 2, 0])
        );
        assert_eq!(
            of(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]),
            Ok(vec![2, 1, 0])
        );
        assert_eq!(of(&[("a", &["elsewhere"])]), Ok(vec![0]));
    }

    #[test]
    fn circles_are_named_without_what_only_hangs_on_them() {
        let of = |all: &[(&str, &[&str])]| ordered(&pushes(all));
        assert_eq!(of(&[("a", &["a"])]), Err(vec![0]));
        assert_eq!(
            of(&[("x", &["a"]), ("a", &["b"]), ("b", &["a"])]),
            Err(vec![1, 2])
        );
    }
}
