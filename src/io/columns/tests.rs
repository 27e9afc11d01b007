//! Small tables whose columns are recognised by header and by value.

use jiff::civil::date;

use super::*;
use crate::io::table_of;

fn plan(columns: &[(Role, &str)]) -> LoadPlan {
    let columns = columns.iter().map(|(r, h)| (*r, h.to_string())).collect();
    LoadPlan {
        columns,
        ..LoadPlan::at(date(2026, 1, 1))
    }
}

fn read(text: &str, columns: &[(Role, &str)]) -> Result<Inferred> {
    infer(&table_of(text.as_bytes(), "t.csv").unwrap(), &BTreeMap::new(), &plan(columns))
}

fn roles(text: &str) -> Vec<Option<Role>> {
    read(text, &[]).unwrap().guesses.iter().map(|g| g.role).collect()
}

#[test]
fn exports_are_recognised() {
    use Role::{Arr, Churned, Created, Health, Id, Mrr, Name, Owner, Renewal, Status};
    for (text, wanted) in [
        (
            "Id,Name,AnnualRevenue,OwnerId\n1,A,5,x\n",
            vec![Some(Id), Some(Name), None, Some(Owner)],
        ),
        (
            "id,Customer ID,Amount,Status,Canceled At (UTC)\ns,c,5,active,\n",
            vec![None, Some(Id), None, Some(Status), Some(Churned)],
        ),
        (
            "externalId,name,mrr,healthScore,nextRenewalDate\n1,A,5,7.5,2026-02-01\n",
            vec![Some(Id), Some(Name), Some(Mrr), Some(Health), Some(Renewal)],
        ),
        ("name,ARR,Total ARR\nA,5,6\n", vec![Some(Name), Some(Arr), None]),
        (
            "name,ARR,Annual Recurring Revenue\nA,high,6\n",
            vec![Some(Name), None, Some(Arr)],
        ),
        (
            "account,health,created\nA,green,2026-01-01\n",
            vec![Some(Name), None, Some(Created)],
        ),
        (
            "customerID,tenure,MonthlyCharges,TotalCharges,Churn\nx,1,5,5,No\n",
            vec![Some(Id), None, Some(Mrr), None, Some(Churned)],
        ),
    ] {
        assert_eq!(roles(text), wanted, "{text}");
    }
}

#[test]
fn losers_name_the_winner_and_traps_their_reason() {
    let inferred = read("name,ARR,Total ARR,Total Spend\nA,5,6,7\n", &[]).unwrap();
    assert!(inferred.guesses[2].evidence.contains("`ARR`"), "{:?}", inferred.guesses);
    assert!(inferred.guesses[3].evidence.contains("lifetime"), "{:?}", inferred.guesses);
    assert_eq!(
        (inferred.guesses[1].confidence, inferred.guesses[1].evidence.as_str()),
        (0.99, "header is ARR; 1 amount")
    );
}

#[test]
fn given_columns_win_and_missing_ones_are_reported_together() {
    let inferred = read("name,ARR,Contract\nA,5,6\n", &[(Role::Arr, "Contract")]).unwrap();
    assert_eq!(inferred.roles[&Role::Arr].column, 2);
    let error = read("name,ARR\nA,5\n", &[(Role::Arr, "ARRR"), (Role::Owner, "zzz")]).unwrap_err();
    assert_eq!(error.problems().len(), 2);
    assert_eq!(error.problems()[0].place.as_deref(), Some("columns.arr"));
    assert_eq!(error.fix(), Some(json!({"columns": {"arr": "ARR"}})));
    let inferred = read("name,ARR,churned\nA,5,yes\n", &[(Role::Churned, "")]).unwrap();
    assert!(!inferred.roles.contains_key(&Role::Churned));
}

#[test]
fn rounded_ids_are_no_ids() {
    let inferred = read("account_id,name,arr\n7.00000E+15,A,1\n7.00000E+15,B,2\n", &[]).unwrap();
    assert!(!inferred.roles.contains_key(&Role::Id));
    assert_eq!(inferred.findings[0].code, "ids_destroyed");
}

fn guess(text: &str, header: &str) -> ColumnGuess {
    let inferred = read(text, &[]).unwrap();
    inferred.guesses.into_iter().find(|guess| guess.header == header).unwrap()
}

#[test]
fn evidence_says_what_the_values_show() {
    let text = "account_id,Company,ARR,Currency,Churned,Renewal,Segment,NPS,status\n\
                1,Acme,10,EUR,no,2026-02-01,SMB,50,active\n\
                2,Beta,20,EUR,yes,2026-03-01,SMB,-20,\n\
                3,Coda,30,EUR,no,,Mid,,\n\
                4,Dune,TBD,EUR,no,2026-05-01,Mid,10,\n";
    for (header, evidence) in [
        ("account_id", "header says so; 4 unique ids"),
        ("Company", "header `Company` means name; 4 different"),
        ("ARR", "header is ARR; 3 amounts in 4 cells"),
        ("Currency", "header says so; all `EUR`"),
        ("Churned", "header says so; 4 yes/no"),
        ("Renewal", "header says so; 3 of 4 filled, all dates"),
        ("Segment", "header says so; 2 different"),
        ("NPS", "header says so; 3 of 4 filled; values -20 to 50, read as points"),
        ("status", "header says so; 1 of 4 filled, 1 different"),
    ] {
        assert_eq!(guess(text, header).evidence, evidence, "{header}");
    }
    let given = read("x,arr\nA,1\n", &[(Role::Name, "x")]).unwrap();
    assert_eq!(given.guesses[0].evidence, "you said so; 1 different");
}

#[test]
fn values_move_the_confidence_a_little() {
    let sure = |text: &str, header: &str| guess(text, header).confidence;
    let repeated = "id,arr\n1,1\n1,2\n1,3\n2,4\n1,5\n";
    assert!(sure(repeated, "id") < sure("id,arr\n1,1\n2,2\n3,3\n4,4\n5,5\n", "id"));
    assert!(guess(repeated, "id").evidence.contains("2 different ids in 5 cells"));
    let numbers = guess("name,arr\n17,1\n18,2\n", "name");
    assert!(
        numbers.confidence < 0.8 && numbers.evidence.ends_with("all numbers"),
        "{numbers:?}"
    );
    let odd = guess("name,arr,currency\nA,1,euros\nB,2,EUR\n", "currency");
    assert!(
        odd.confidence < 0.9 && odd.evidence.contains("`euros` is no currency code"),
        "{odd:?}"
    );
    assert_eq!(sure("name,arr,created\nA,1,2026-01-01\n", "created"), 0.99);
}

#[test]
fn values_tell_ids_from_names_and_accounts_from_the_rest() {
    use Role::{Arr, Id, Name};
    for (text, wanted) in [
        // Numbers under `account` are ids.
        ("account,arr\n1001,1\n1002,2\n", vec![Some(Id), Some(Arr)]),
        (
            "account name,account,arr\nA,Acme Ltd,1\nB,Beta Ltd,2\n",
            vec![Some(Name), None, Some(Arr)],
        ),
        (
            "id,customer,arr\nsub_1MowQVLkdIwHu7ix,cus_NffrFeUfNV2Hib,1\nsub_2MowQVLkdIwHu7ix,cus_MffrFeUfNV2Hib,2\n",
            vec![None, Some(Id), Some(Arr)],
        ),
    ] {
        assert_eq!(roles(text), wanted, "{text}");
    }
}

#[test]
fn ids_and_currencies_are_taken_by_their_values_where_no_header_gives_them() {
    use Role::{Arr, Currency, Id, Name};
    for (text, wanted) in [
        (
            "key,arr,cur\n0015g00000XyZaBAAV,1,USD\n0015g00000XyZaCAAV,2,USD\n",
            vec![Some(Id), Some(Arr), Some(Currency)],
        ),
        (
            "ref,arr\n6ba7b810-9dad-11d1-80b4-00c04fd430c8,1\n7ba7b810-9dad-11d1-80b4-00c04fd430c8,2\n",
            vec![Some(Id), Some(Arr)],
        ),
        (
            "ref,arr\n61ee9fc0a1b2c3d4e5f60718,1\n61ee9fc0a1b2c3d4e5f60719,2\n",
            vec![Some(Id), Some(Arr)],
        ),
        (
            "name,stripe ref,arr\nA,cus_NffrFeUfNV2Hib,1\nB,cus_MffrFeUfNV2Hib,2\n",
            vec![Some(Name), Some(Id), Some(Arr)],
        ),
        // Beside a name, ids that may be anybody's are left alone; so are those of contacts, and two columns of codes.
        (
            "name,ref,arr\nA,61ee9fc0a1b2c3d4e5f60718,1\nB,61ee9fc0a1b2c3d4e5f60719,2\n",
            vec![Some(Name), None, Some(Arr)],
        ),
        (
            "name,contact,arr\nA,0035g00000XyZaBAAV,1\nB,0035g00000XyZaCAAV,2\n",
            vec![Some(Name), None, Some(Arr)],
        ),
        ("name,from,to,arr\nA,USD,EUR,1\n", vec![Some(Name), None, None, Some(Arr)]),
    ] {
        assert_eq!(roles(text), wanted, "{text}");
    }
    let id = guess("key,arr\n0015g00000XyZaBAAV,1\n0015g00000XyZaCAAV,2\n", "key");
    assert_eq!(
        (id.confidence, id.evidence.as_str()),
        (0.6, "by its values alone: 2 unique ids (Salesforce)")
    );
    // Amounts by themselves are never ARR.
    assert_eq!(roles("name,x\nA,$1000\nB,$2000\n"), vec![Some(Name), None]);
}

#[test]
fn two_columns_named_alike_stay_a_question_whatever_their_values() {
    let error = read("name,arr,arr\nA,1,2\nB,TBD,3\n", &[]).unwrap_err();
    assert_eq!(error.code(), "question_arr_column");
}

#[test]
fn nested_records_are_recognised() {
    let text = r#"[{"properties": {"name": "Acme", "annualrevenue": 5}, "id": "a1", "owner": {"name": "Jo", "id": "u1"},
        "parent": {"id": "p1"}, "plan": {"name": "Pro"}, "contact": {"email": "a@b.c", "name": "Al"},
        "contract": {"arr": 100, "licensed_seats": 5}, "engagement": {"nps_score": 40}}]"#;
    let table = table_of(text.as_bytes(), "t.json").unwrap();
    let inferred = infer(&table, &BTreeMap::new(), &plan(&[])).unwrap();
    let found = |role: Role| table.headers()[inferred.roles[&role].column].as_str();
    for (role, header) in [
        (Role::Name, "properties.name"),
        (Role::Id, "id"),
        (Role::Owner, "owner.name"),
        (Role::Parent, "parent.id"),
        (Role::Plan, "plan.name"),
        (Role::Arr, "contract.arr"),
        (Role::SeatsLicensed, "contract.licensed_seats"),
        (Role::Nps, "engagement.nps_score"),
    ] {
        assert_eq!(found(role), header);
    }
    assert_eq!(inferred.roles.len(), 8, "{:?}", inferred.roles);
}
