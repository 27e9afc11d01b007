//! English words for each role, as the exports of CRM, billing and customer success tools write them.

use super::{Match, Meanings};
use crate::model::role::Role;

/// Salesforce, HubSpot, Stripe, ChartMogul, Baremetrics, Gainsight, Vitally, Planhat, Zendesk, and what people type.
pub(super) const MEANINGS: Meanings = meanings! {
    Id {
        Exact: ["account id", "customer id", "company id", "client id", "account number", "customer number", "client number",
            "account no", "customer no", "acct id", "acct no", "acct number", "customer oid", "account uuid", "customer uuid",
            "company uuid", "customer code", "account code"],
        Alias: ["id", "record id", "gsid", "uuid", "guid", "external id", "org id", "organization id", "organisation id",
            "org uuid", "organization uuid", "tenant id", "workspace id", "crm id", "crm account id", "sfdc id",
            "sfdc account id", "salesforce id", "salesforce account id", "hs object id",
            "source id", "18 digit id", "account 18 digit id", "account key", "customer key", "account guid", "customer guid",
            "account identifier", "customer identifier", "stripe customer id", "hubspot company id", "billing account id",
            "account ref", "customer ref"],
        Weak: ["account", "customer", "client", "company", "organization", "organisation", "tenant", "workspace", "identifier"],
        Within: ["account id", "customer id"],
    }
    Name {
        Exact: ["account name", "customer name", "company name", "client name", "name"],
        Alias: ["account", "company", "customer", "client", "organization", "organisation", "organization name",
            "organisation name", "org name", "business name", "tenant name", "workspace name", "acct name", "legal name",
            "account legal name", "company legal name", "end customer", "end customer name"],
        Weak: ["display name", "full name", "logo name", "merchant", "merchant name"],
        Within: ["account name", "company name", "customer name"],
    }
    Arr {
        Exact: ["arr", "annual recurring revenue", "current arr"],
        Alias: ["arr amount", "total arr", "live arr", "active arr", "arr value", "ending arr", "subscription arr",
            "annual run rate", "annualized run rate", "annualised run rate", "annualized recurring revenue",
            "annualised recurring revenue", "annual recurring rev", "yearly recurring revenue",
            "current annual recurring revenue", "annualized mrr", "annualised mrr"],
        Weak: ["acv", "annual contract value", "annualized contract value", "annualised contract value", "current acv",
            "total acv", "acv amount", "yearly contract value", "annual contract amount", "annual subscription",
            "annual subscription value", "annual subscription fee", "annual subscription amount", "annual fee",
            "yearly fee", "annual amount", "yearly amount", "yearly subscription"],
        Within: ["arr", "annual* recurring revenue*", "yearly recurring revenue*"],
    }
    Mrr {
        Exact: ["mrr", "monthly recurring revenue", "current mrr"],
        Alias: ["monthly charges", "monthly amount", "mrr amount", "total mrr", "live mrr", "active mrr", "mrr value",
            "monthly revenue", "monthly fee", "monthly subscription", "monthly subscription fee", "monthly recurring rev",
            "current monthly recurring revenue"],
        Weak: ["monthly contract value", "monthly price", "monthly charge", "monthly value"],
        Within: ["mrr", "monthly recurring revenue*"],
    }
    CommittedArr {
        Exact: ["committed arr", "carr"],
        Alias: ["contracted arr", "signed arr", "booked arr", "committed annual recurring revenue",
            "contracted annual recurring revenue"],
        Within: ["committed arr"],
    }
    Tcv {
        Exact: ["tcv", "total contract value"],
        Alias: ["contract value", "contract amount", "total contract amount", "contract total"],
        Within: ["tcv"],
    }
    TermMonths {
        Exact: ["term months", "contract term months"],
        Alias: ["term", "term in months", "contract term", "contract length", "contract length months", "contract duration",
            "contract duration months", "subscription term", "subscription term months", "term length"],
    }
    Currency {
        Exact: ["currency", "currency code", "currency iso code"],
        Alias: ["account currency", "plan currency", "arr currency", "mrr currency", "billing currency",
            "contract currency", "iso currency", "currency iso", "account currency code", "ccy"],
    }
    Status {
        Exact: ["status", "account status", "customer status"],
        Alias: ["subscription status", "managed as", "relationship status", "contract status"],
    }
    Churned {
        Exact: ["churned", "churn", "churn flag", "is churned", "churned at"],
        Alias: ["churn date", "has churned", "churned flag", "churned date", "churned on", "date churned", "churn label",
            "cancelled", "canceled", "is cancelled", "is canceled", "ended at", "cancellation date", "cancel date",
            "date cancelled", "date canceled", "termination date", "terminated at"],
        Weak: ["cancelled at", "canceled at", "cancelled on", "canceled on", "churn value", "churn status",
            "subscription canceled at", "subscription cancelled at", "subscription ended at"],
    }
    Deleted {
        Exact: ["is deleted", "deleted"],
        Alias: ["deleted at", "deleted on", "is archived", "archived", "archived at"],
    }
    Created {
        Exact: ["created", "created date", "created at", "customer since"],
        Alias: ["create date", "signup date", "sign up date", "subscriber since", "start date", "original contract date",
            "contract start date", "contract start", "account created", "account created date", "account creation date",
            "created on", "onboarded at", "became customer date", "became a customer date", "date created", "creation date",
            "customer start date", "client since", "join date", "joined at"],
        Weak: ["subscription start date", "subscription started at", "subscription start", "date added", "activated at",
            "activation date", "onboarding date"],
        Within: ["customer since", "contract start date"],
    }
    Renewal {
        Exact: ["renewal date", "renewal", "next renewal date"],
        Alias: ["next renewal", "contract end date", "contract end", "renews at", "renews on", "renewal due date",
            "contract renewal date", "contract renewal", "contract expiration", "contract expiration date",
            "contract expiry", "contract expiry date", "expiration date", "expiry date", "expires on", "expires at",
            "current period end", "subscription end date", "subscription renewal date", "term end", "term end date"],
        Within: ["renewal date", "contract end date"],
    }
    Owner {
        Exact: ["owner", "csm", "account owner", "csm name"],
        Alias: ["customer success manager", "customer success manager name", "company owner", "account manager",
            "account manager name", "account owner name", "account owner email", "csm owner", "csm full name", "owner name",
            "owner full name", "success manager", "csm email", "cs owner", "cs manager", "customer success owner",
            "customer owner", "assigned csm", "primary csm", "owner email", "hubspot owner"],
        Weak: ["csm id", "owner id", "account owner id", "hubspot owner id", "relationship manager", "account lead"],
        Within: ["customer success manager"],
    }
    CurrentTier {
        Exact: ["current tier", "service tier", "cs tier"],
        Alias: ["tier", "account tier", "customer tier", "touch model", "engagement model", "coverage model", "support tier",
            "touch tier", "success tier", "csm tier", "service level", "service model", "coverage tier", "engagement tier"],
    }
    Industry {
        Exact: ["industry", "vertical"],
        Alias: ["sector", "industry name", "primary industry", "account industry", "industry vertical", "industry sector",
            "business sector"],
        Within: ["industry"],
    }
    Segment {
        Exact: ["segment", "customer segment", "account segment"],
        Alias: ["size segment", "company size segment", "market segment", "segments", "segment name", "business segment"],
        Weak: ["company size", "customer size", "account size"],
    }
    Plan {
        Exact: ["plan", "plan name", "plan tier"],
        Alias: ["product plan", "subscription plan", "edition", "package", "package name", "pricing plan",
            "subscription tier", "current plan", "plan type", "pricing tier", "product tier"],
        Weak: ["plan id", "subscription type", "subscription name", "license type"],
    }
    SeatsLicensed {
        Exact: ["seats licensed", "licensed seats", "seats"],
        Alias: ["licenses", "licences", "seats purchased", "purchased seats", "seats sold", "total seats", "seats total",
            "contracted seats", "paid seats", "seat count", "number of seats", "number of licenses", "number of licences",
            "license count", "licence count", "licenses purchased", "licences purchased", "purchased licenses",
            "total licenses", "total licences", "licensed users", "paid users", "contracted users", "seats contracted",
            "user licenses"],
        Weak: ["quantity", "subscription quantity", "seat limit", "user limit"],
        Within: ["licensed seats", "seats licensed"],
    }
    SeatsUsed {
        Exact: ["seats used", "used seats", "active seats"],
        Alias: ["active users", "users active", "active user count", "users count", "licenses used", "licences used",
            "used licenses", "used licences", "seats active", "assigned seats", "seats assigned", "licenses active",
            "active licenses", "active licences", "filled seats", "occupied seats", "number of active users"],
        Weak: ["monthly active users", "mau", "users", "user count", "number of users"],
        Within: ["seats used"],
    }
    Usage {
        Exact: ["dau mau", "dau mau ratio", "stickiness"],
        Alias: ["usage", "usage rate", "usage ratio", "product usage"],
        Within: ["dau mau"],
    }
    UsageTrend {
        Exact: ["usage trend", "usage change"],
        Alias: ["usage growth", "usage delta", "login trend", "usage change pct"],
        Within: ["usage trend"],
    }
    Adoption {
        Exact: ["adoption", "feature adoption", "adoption rate"],
        Alias: ["feature adoption rate", "adoption score", "product adoption", "adoption pct", "adoption percent"],
        Within: ["feature adoption", "adoption rate"],
    }
    Tickets {
        Exact: ["tickets", "open tickets", "support tickets"],
        Alias: ["ticket count", "tickets count", "tickets open", "open ticket count", "support cases", "open cases",
            "number of tickets", "number of open tickets", "open support tickets", "ticket volume", "support ticket volume",
            "support ticket count", "open support cases", "case count"],
        Within: ["tickets"],
    }
    Csat {
        Exact: ["csat", "csat score", "customer satisfaction"],
        Alias: ["satisfaction score", "support csat", "support satisfaction", "customer satisfaction score", "satisfaction",
            "satisfaction rating"],
        Within: ["csat"],
    }
    Escalations {
        Exact: ["escalations", "open escalations"],
        Alias: ["escalation count", "number of escalations", "escalated tickets", "active escalations", "escalation flag"],
        Within: ["escalations"],
    }
    Nps {
        Exact: ["nps", "nps score", "net promoter score"],
        Alias: ["latest nps", "last nps", "current nps", "last nps score", "latest nps score", "nps rating"],
        Within: ["nps"],
    }
    Health {
        Exact: ["health score", "health"],
        Alias: ["account health", "customer health", "customer health score", "overall score", "current score",
            "health index", "overall health", "overall health score", "cs score"],
        Within: ["health score"],
    }
    ChurnRisk {
        Exact: ["churn risk", "churn probability"],
        Alias: ["churn score", "churn risk score", "risk of churn", "likelihood to churn", "churn likelihood",
            "churn propensity", "probability of churn"],
        Within: ["churn risk", "churn probability"],
    }
    LogoTier {
        Exact: ["logo tier", "logo value"],
        Alias: ["brand tier", "strategic logo", "logo rating", "marquee logo", "marquee", "brand value"],
    }
    CaseStudy {
        Exact: ["case study"],
        Alias: ["case study published", "case study date", "published case study", "has case study"],
        Within: ["case study"],
    }
    Reference {
        Exact: ["reference", "referenceable"],
        Alias: ["is reference", "reference customer", "reference account", "customer reference", "is referenceable",
            "reference status", "agreed reference"],
        Within: ["referenceable"],
    }
    DesignPartner {
        Exact: ["design partner"],
        Alias: ["is design partner", "design partner flag", "beta partner", "co development partner"],
        Within: ["design partner"],
    }
    Regulated {
        Exact: ["regulated", "is regulated"],
        Alias: ["regulated industry", "compliance required", "compliance", "regulatory", "regulation"],
    }
    Products {
        Exact: ["products", "products owned", "product list"],
        Alias: ["products purchased", "purchased products", "active products", "licensed products", "modules",
            "modules owned", "product lines", "subscribed products", "owned products"],
    }
    Tam {
        Exact: ["tam", "internal tam", "account tam"],
        Alias: ["total addressable market", "potential arr", "arr potential", "account potential", "addressable arr"],
        Within: ["tam"],
    }
    Parent {
        Exact: ["parent", "parent account", "parent id"],
        Alias: ["parent account id", "parent account name", "parent name", "parent company", "parent company id",
            "parent company name", "parent organization", "parent customer", "parent customer id", "subsidiary of",
            "ultimate parent", "ultimate parent account", "ultimate parent id", "ultimate parent name", "org root id",
            "hs parent company id"],
        Within: ["parent account", "parent company"],
    }
    Modified {
        Exact: ["modified", "last modified date", "modified date", "updated at"],
        Alias: ["last updated", "last modified", "last modified at", "last modified on", "last updated at",
            "last updated date", "updated", "modified at", "modified on", "updated on", "updated date", "last update",
            "system modstamp", "hs lastmodifieddate"],
    }
    Tags {
        Exact: ["tags", "notes"],
        Alias: ["labels", "comments", "keywords", "note"],
    }
    ExecAccess {
        Exact: ["exec access", "executive access", "exec sponsor", "executive sponsor"],
        Alias: ["has exec sponsor", "has executive sponsor", "exec sponsor engaged", "executive engaged",
            "executive sponsor engaged", "exec relationship", "executive relationship", "exec engaged", "exec contact"],
    }
    Champion {
        Exact: ["champion", "champion active", "active champion"],
        Alias: ["has champion", "champion status", "champion engaged", "champion name", "champion in place"],
    }
    FeatureRequests {
        Exact: ["feature requests", "higher tier feature requests", "upgrade requests"],
        Alias: ["feature request count", "number of feature requests", "premium feature requests", "higher plan requests",
            "requests for higher tier features", "higher tier requests"],
    }
    CompanyGrowth {
        Exact: ["company growth", "headcount growth", "employee growth"],
        Alias: ["company growth signals", "company growth rate", "headcount change", "employee growth rate",
            "headcount growth rate", "growth signals", "company growing"],
    }
    Teams {
        Exact: ["teams", "teams using", "team count"],
        Alias: ["number of teams", "active teams", "departments using", "departments", "number of departments",
            "department count", "teams active", "teams count", "business units using"],
    }
    ApiGrowth {
        Exact: ["api growth", "api usage growth", "api spike"],
        Alias: ["api usage spike", "api usage spikes", "api call growth", "api usage change", "api calls change",
            "api usage trend", "api trend"],
    }
    Kickoff {
        Exact: ["kickoff", "kickoff date", "kickoff held"],
        Alias: ["kick off", "kick off date", "kickoff completed", "kickoff call", "kickoff done", "kickoff call date"],
    }
    GoLive {
        Exact: ["go live date", "go live", "first value date"],
        Alias: ["went live", "live date", "launch date", "first value", "onboarding completed", "onboarding complete",
            "onboarding completed date", "onboarding completion date", "time to first value reached"],
    }
    SeatUtilization {
        Exact: ["seat utilization", "seat utilisation"],
        Alias: ["license utilization", "licence utilisation", "license usage", "utilization", "utilisation", "seat usage"],
    }
    ProductCount {
        Exact: ["product count", "number of products"],
        Alias: ["products count", "n products", "num products", "module count", "number of modules"],
    }
};
