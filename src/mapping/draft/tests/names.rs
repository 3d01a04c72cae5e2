//! What names tell.

use super::super::names::Name;

#[test]
fn codes_are_no_numbers() {
    for name in [
        "Customer ID",
        "Postal code",
        "ZIP",
        "Code postal",
        "PLZ",
        "Phone",
        "Mobile phone",
        "Tél.",
        "SIRET",
        "Order number",
        "N° de dossier",
        "Invoice no.",
        "Kundennummer",
        "Account",
        "SKU",
        "Numéro de commande",
        "externalId",
        "IBAN",
    ] {
        assert!(Name::new(name).is_of_codes(), "{name}");
    }
    for name in [
        "Amount",
        "Number of seats",
        "Seats",
        "Identity",
        "Note",
        "Nombre de sièges",
        "Paid",
    ] {
        assert!(!Name::new(name).is_of_codes(), "{name}");
    }
}

#[test]
fn some_names_are_of_days_or_questions() {
    for name in [
        "Close Date",
        "Created on",
        "Date de clôture",
        "Rechnungsdatum",
        "closedAt",
    ] {
        assert!(Name::new(name).is_of_days(), "{name}");
    }
    assert!(!Name::new("Candidate").is_of_days());
    for name in ["Is won", "isWon", "has_discount", "Won?", "Signé ?"] {
        assert!(Name::new(name).is_of_answers(), "{name}");
    }
    assert!(!Name::new("Island").is_of_answers());
}

#[test]
fn ids_and_names_are_ranked() {
    let things = ["deals".to_owned(), "opportunities".to_owned()];
    let id = |name: &str| Name::new(name).says_id(&things);
    let ranks = [
        "ID",
        "Deal ID",
        "id_deals",
        "Opportunity ID",
        "Record ID",
        "Owner ID",
        "Paid",
    ]
    .map(id);
    assert_eq!(
        ranks,
        [
            Some(0),
            Some(1),
            Some(1),
            Some(2),
            Some(100),
            Some(101),
            None
        ]
    );
    let name = |name: &str| Name::new(name).says_name(&things);
    let ranks = [
        "Name",
        "Nom",
        "Deal Name",
        "Stage Name",
        "Owner Name",
        "Nombre de sièges",
    ]
    .map(name);
    assert_eq!(ranks, [Some(0), Some(1), Some(2), Some(100), None, None]);
}
