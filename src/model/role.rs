//! Column roles: what a column of the book means to the engine (S4).

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! roles {
    ($($variant:ident $code:literal $about:literal)*) => {
        /// What a column means.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Role {
            $(#[doc = $about] $variant,)*
        }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Role] = &[$(Role::$variant),*];

            /// The code: `seats_used`.
            pub fn code(self) -> &'static str {
                match self { $(Role::$variant => $code,)* }
            }

            /// What the column holds.
            pub fn about(self) -> &'static str {
                match self { $(Role::$variant => $about,)* }
            }
        }
    };
}

roles! {
    Id "id" "Account id."
    Name "name" "Account name."
    Arr "arr" "Annual recurring revenue."
    Mrr "mrr" "Monthly recurring revenue; ARR is 12 times it."
    CommittedArr "committed_arr" "ARR that is signed and not live (M1)."
    Tcv "tcv" "Total contract value; never ARR on its own."
    TermMonths "term_months" "Contract term in months."
    Currency "currency" "Currency code of the row's amounts."
    Status "status" "Customer status: active, churned, onboarding."
    Churned "churned" "Whether or when the account left."
    Deleted "deleted" "Whether the row was deleted in its system."
    Created "created" "When the account became a customer."
    Renewal "renewal" "Next renewal date."
    Owner "owner" "CSM who owns the account."
    CurrentTier "current_tier" "Service tier today."
    Industry "industry" "Industry."
    Segment "segment" "Size segment."
    Plan "plan" "Product plan."
    SeatsLicensed "seats_licensed" "Seats sold."
    SeatsUsed "seats_used" "Seats in use."
    Usage "usage" "DAU/MAU."
    UsageTrend "usage_trend" "Change in usage, as a ratio."
    Adoption "adoption" "Share of features in use."
    Tickets "tickets" "Support tickets."
    Csat "csat" "Support satisfaction."
    Escalations "escalations" "Open escalations."
    Nps "nps" "Net promoter score."
    Health "health" "Health score, 0 to 100."
    ChurnRisk "churn_risk" "Churn risk, 0 to 1."
    LogoTier "logo_tier" "Value of the logo: A, B, C, or yes."
    CaseStudy "case_study" "Case study published, or its date."
    Reference "reference" "Agreed to act as a reference."
    DesignPartner "design_partner" "Design partner agreement."
    Regulated "regulated" "Works under HIPAA, PCI, SOC 2 or government rules."
    Products "products" "Products owned, as a list or a count."
    Tam "tam" "ARR that the account could reach."
    Parent "parent" "Parent account."
    Modified "modified" "When the row was last changed."
    Tags "tags" "Tags or notes."
    ExecAccess "exec_access" "Whether we reach an executive of the account."
    Champion "champion" "Whether the account has an active champion, or who it is."
    FeatureRequests "feature_requests" "Requests for features of a higher plan."
    CompanyGrowth "company_growth" "Growth of the company, as a ratio, or whether it grows."
    Teams "teams" "Teams or departments that use the product."
    ApiGrowth "api_growth" "Change in API use, as a ratio, or whether it spikes."
    Kickoff "kickoff" "When or whether the kickoff was held."
    GoLive "go_live" "When or whether the account went live."
    SeatUtilization "seat_utilization" "Seats used over seats sold; derived from both where it is not a column."
    ProductCount "product_count" "Number of products; derived from the list of products."
}

impl Role {
    /// The role with this code.
    pub fn parse(code: &str) -> Option<Role> {
        Role::ALL.iter().copied().find(|r| r.code() == code)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
