//! The experiments in their order: what disturbs another comes behind it.

use super::lab::Lab;
use super::look::Look;
use crate::push::outcome::Failure;

/// Does all experiments. Gives what is left to be looked at.
pub(crate) async fn run(lab: &mut Lab) -> Result<Vec<Look>, Failure> {
    lab.first().await?;
    lab.errors().await;
    lab.pairs().await;
    lab.at_once().await;
    lab.limits().await;
    // The windows' replaces take away what the limits left in the table.
    lab.windows().await;
    if lab.replaces.is_one_lost() {
        lab.tell("a replace had no answer, and may wait yet: what follows comes behind it");
        lab.pace.sleep(lab.open()).await;
    }
    let mut looks: Vec<Look> = Vec::new();
    looks.extend(lab.unknown_field().await);
    looks.extend(lab.bad_row().await);
    looks.extend(lab.effects().await);
    looks.extend(lab.percentage().await);
    looks.extend(lab.unknown_user().await);
    looks.extend(lab.new_option().await);
    Ok(looks)
}
