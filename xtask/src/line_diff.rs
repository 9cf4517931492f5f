//! What changed between two texts, line by line, as `diff -U0` shows it. Pure.

/// The changed lines with `-` and `+`, below a heading for each place; empty if nothing changed.
pub fn line_diff(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let common = common_lengths(&old, &new);
    let (mut at_old, mut at_new) = (0, 0);
    let mut diff = String::new();
    while at_old < old.len() || at_new < new.len() {
        if at_old < old.len() && at_new < new.len() && old[at_old] == new[at_new] {
            (at_old, at_new) = (at_old + 1, at_new + 1);
            continue;
        }
        diff.push_str(&format!("@@ -{} +{} @@\n", at_old + 1, at_new + 1));
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        while (at_old < old.len() || at_new < new.len())
            && !(at_old < old.len() && at_new < new.len() && old[at_old] == new[at_new])
        {
            if at_new == new.len() || (at_old < old.len() && common[at_old + 1][at_new] >= common[at_old][at_new + 1]) {
                removed.push(format!("-{}\n", old[at_old]));
                at_old += 1;
            } else {
                added.push(format!("+{}\n", new[at_new]));
                at_new += 1;
            }
        }
        diff.extend(removed.into_iter().chain(added));
    }
    diff
}

/// For each pair of places, how many lines the rests have in common.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for at_old in (0..old.len()).rev() {
        for at_new in (0..new.len()).rev() {
            common[at_old][at_new] = match old[at_old] == new[at_new] {
                true => common[at_old + 1][at_new + 1] + 1,
                false => common[at_old + 1][at_new].max(common[at_old][at_new + 1]),
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::line_diff;

    #[test]
    fn changed_added_and_removed_lines_are_shown_with_their_places() {
        assert_eq!(line_diff("a\nb\n", "a\nb\n"), "");
        assert_eq!(line_diff("a\nb\nc\nd\n", "a\nB\nc\nd\ne\n"), "@@ -2 +2 @@\n-b\n+B\n@@ -5 +5 @@\n+e\n");
        assert_eq!(line_diff("a\nb\nc\n", "c\n"), "@@ -1 +1 @@\n-a\n-b\n");
    }
}
