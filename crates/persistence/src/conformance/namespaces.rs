//! Laws of namespaces: replaced version by version, unique by name.

use super::world::namespace;
use super::{Subject, Verdict, ensure, equal};
use crate::Error;
use crate::record::NamespaceRow;

fn row(number: u128, name: &str, version: u64) -> NamespaceRow {
    NamespaceRow { id: namespace(number), name: name.into(), version, data: format!("{name} {version}").into() }
}

fn conflict(result: Result<(), Error>, what: &str) -> Verdict {
    ensure(matches!(result, Err(Error::Conflict(_))), || format!("{what}: {result:?}"))
}

pub(super) async fn replaced_by_version(subject: &mut dyn Subject) -> Verdict {
    let namespaces = subject.stores().namespaces;
    namespaces.create(&row(1, "orders", 1)).await?;
    namespaces.update(&row(1, "orders", 2)).await?;
    for version in [1, 2, 4] {
        conflict(namespaces.update(&row(1, "orders", version)).await, "an update from another version")?;
    }
    conflict(namespaces.update(&row(2, "others", 1)).await, "an update of nothing")?;
    equal(namespaces.list().await?, vec![row(1, "orders", 2)], "the namespaces")
}

pub(super) async fn names_are_unique(subject: &mut dyn Subject) -> Verdict {
    let namespaces = subject.stores().namespaces;
    namespaces.create(&row(1, "orders", 1)).await?;
    conflict(namespaces.create(&row(2, "orders", 1)).await, "a second namespace of the name")?;
    conflict(namespaces.create(&row(1, "others", 1)).await, "a second namespace of the id")?;
    namespaces.create(&row(2, "Orders", 1)).await?;
    conflict(namespaces.update(&row(2, "orders", 2)).await, "a change to a taken name")?;
    equal(namespaces.list().await?, vec![row(2, "Orders", 1), row(1, "orders", 1)], "the namespaces")
}

pub(super) async fn given_up_name_is_free(subject: &mut dyn Subject) -> Verdict {
    let namespaces = subject.stores().namespaces;
    namespaces.create(&row(1, "orders", 1)).await?;
    namespaces.update(&row(1, "renamed", 2)).await?;
    namespaces.create(&row(2, "orders", 1)).await?;
    namespaces.delete(namespace(2)).await?;
    namespaces.create(&row(3, "orders", 1)).await?;
    equal(namespaces.list().await?, vec![row(3, "orders", 1), row(1, "renamed", 2)], "the namespaces")
}

pub(super) async fn listed_by_name(subject: &mut dyn Subject) -> Verdict {
    let namespaces = subject.stores().namespaces;
    for (number, name) in [(3, "beta"), (1, "delta"), (2, "alpha"), (4, "Zeta")] {
        namespaces.create(&row(number, name, 1)).await?;
    }
    let names: Vec<String> = namespaces.list().await?.into_iter().map(|row| row.name).collect();
    equal(names, ["Zeta", "alpha", "beta", "delta"].map(String::from).to_vec(), "names in order")
}
