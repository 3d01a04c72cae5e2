//! API keys from names.

use super::super::keys::{Keys, slug};

#[test]
fn names_become_words_in_ascii() {
    for (name, key) in [
        ("Deal ID", "deal_id"),
        ("Opportunité", "opportunite"),
        ("Straße", "strasse"),
        ("R&D", "r_and_d"),
        ("Discount %", "discount_percent"),
        ("Deal #", "deal_number"),
        ("N° dossier", "n_dossier"),
        ("Date d’échéance", "date_d_echeance"),
        ("  --Close__Date?! ", "close_date"),
        ("closeDate", "close_date"),
        ("dealID", "deal_id"),
        ("CRM IDs", "crm_ids"),
        ("owner.email", "owner_email"),
        ("Amount__c", "amount_c"),
        ("Montant (€)", "montant_eur"),
        ("金額", "jin_e"),
        ("🎯", "dart"),
        ("\u{200b}…", ""),
    ] {
        assert_eq!(slug(name), key, "{name}");
    }
}

#[test]
fn keys_are_unique_and_begin_with_a_letter() {
    let mut keys = Keys::default();
    let long = "word ".repeat(30);
    let given: Vec<String> = [
        "Équipe", "Equipe", "equipe 2", "2024", "!!", "equipe", &long, &long,
    ]
    .iter()
    .map(|name| keys.key(name))
    .collect();
    let word = "word_".repeat(12);
    assert_eq!(
        given,
        [
            "equipe",
            "equipe_2",
            "equipe_2_2",
            "f_2024",
            "column_5",
            "equipe_3",
            &word[..59],
            &format!("{}_2", &word[..54]),
        ]
    );
}
