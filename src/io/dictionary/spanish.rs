//! Spanish words for the commoner roles.

use super::{Match, Meanings};
use crate::model::role::Role;

/// Articles and prepositions are left out when words are compared, so `nombre cliente` is `nombre del cliente`.
pub(super) const MEANINGS: Meanings = meanings! {
    Id {
        Exact: ["número de cliente", "n cliente", "num cliente", "nro cliente", "id de cliente", "id del cliente", "cliente id",
            "código de cliente", "identificador del cliente", "id de cuenta", "id de la cuenta", "número de cuenta",
            "código de cuenta"],
        Alias: ["id de empresa", "id de la empresa", "id de registro", "identificador", "código empresa"],
        Weak: ["cliente", "cuenta"],
    }
    Name {
        Exact: ["nombre del cliente", "nombre de la cuenta", "nombre de la empresa", "razón social", "nombre"],
        Alias: ["cliente", "empresa", "cuenta", "clientes", "compañía", "nombre de la compañía", "cliente final",
            "nombre comercial"],
    }
    Arr {
        Exact: ["ingresos recurrentes anuales", "ingreso recurrente anual", "ingresos anuales recurrentes",
            "ingreso anual recurrente"],
        Alias: ["arr actual", "importe arr", "facturación recurrente anual", "facturación anual recurrente"],
        Weak: ["importe anual", "cuota anual", "valor anual del contrato", "suscripción anual", "monto anual"],
        Within: ["anual* recurrente*"],
    }
    Mrr {
        Exact: ["ingresos recurrentes mensuales", "ingreso recurrente mensual", "ingresos mensuales recurrentes",
            "ingreso mensual recurrente"],
        Alias: ["mrr actual", "importe mensual", "cuota mensual", "mensualidad", "suscripción mensual", "monto mensual"],
        Within: ["mensual* recurrente*"],
    }
    Tcv {
        Alias: ["valor del contrato", "valor total del contrato", "importe del contrato", "monto del contrato"],
    }
    TermMonths {
        Alias: ["duración del contrato", "plazo del contrato", "plazo en meses", "duración en meses", "duración meses"],
    }
    Currency {
        Exact: ["moneda", "divisa"],
        Alias: ["código de moneda", "código de divisa", "moneda del contrato", "moneda de la cuenta"],
    }
    Status {
        Exact: ["estado del cliente", "estado de la cuenta", "estatus"],
        Alias: ["estado de la suscripción", "estado del contrato", "estado cliente"],
        Weak: ["estado", "situación"],
    }
    Churned {
        Exact: ["baja", "fecha de baja"],
        Alias: ["dado de baja", "fecha de cancelación", "cancelado", "cancelada", "cancelado el", "cancelación",
            "fecha de rescisión", "de baja", "es baja"],
    }
    Deleted {
        Exact: ["eliminado"],
        Alias: ["eliminado el", "borrado", "archivado"],
    }
    Created {
        Exact: ["fecha de alta", "cliente desde"],
        Alias: ["fecha de creación", "alta", "creado", "creado el", "fecha de inicio", "inicio de contrato",
            "inicio del contrato", "fecha de inicio de contrato", "fecha de inicio del contrato", "fecha de registro"],
    }
    Renewal {
        Exact: ["fecha de renovación", "fin de contrato"],
        Alias: ["renovación", "próxima renovación", "fecha de próxima renovación", "fecha de fin de contrato",
            "fecha fin contrato", "fin del contrato", "fecha de vencimiento del contrato", "vencimiento del contrato",
            "vencimiento contrato"],
        Weak: ["vencimiento", "fecha de vencimiento"],
    }
    Owner {
        Exact: ["propietario de la cuenta", "responsable de cuenta", "responsable de la cuenta"],
        Alias: ["propietario", "propietario de la empresa", "propietario del cliente", "gestor de cuenta", "gestor de cuentas",
            "gestor", "ejecutivo de cuenta", "responsable del cliente", "responsable csm", "csm asignado"],
        Weak: ["responsable", "encargado"],
    }
    CurrentTier {
        Alias: ["nivel de servicio", "modelo de atención", "nivel de atención"],
        Weak: ["nivel", "categoría de cliente"],
    }
    Industry {
        Alias: ["industria", "sector de actividad", "rubro", "sector industrial", "giro"],
    }
    Segment {
        Exact: ["segmento", "segmento de cliente"],
        Alias: ["segmento de mercado", "segmentación"],
        Weak: ["tamaño de la empresa", "tamaño de empresa"],
    }
    Plan {
        Alias: ["nombre del plan", "plan contratado", "tarifa", "paquete", "tipo de plan", "tipo de suscripción"],
        Weak: ["suscripción"],
    }
    SeatsLicensed {
        Alias: ["licencias", "número de licencias", "licencias contratadas", "puestos", "asientos", "n de licencias",
            "licencias compradas", "usuarios contratados", "total de licencias"],
    }
    SeatsUsed {
        Alias: ["usuarios activos", "licencias usadas", "licencias en uso", "licencias activas", "licencias utilizadas",
            "número de usuarios activos"],
        Weak: ["usuarios", "número de usuarios"],
    }
    Usage {
        Alias: ["uso", "tasa de uso", "uso del producto", "tasa de utilización"],
    }
    UsageTrend {
        Alias: ["tendencia de uso", "variación de uso"],
    }
    Adoption {
        Alias: ["adopción", "tasa de adopción"],
    }
    Tickets {
        Alias: ["tickets abiertos", "número de tickets", "tickets de soporte", "incidencias", "incidencias abiertas"],
    }
    Csat {
        Exact: ["satisfacción del cliente"],
        Alias: ["satisfacción", "puntuación de satisfacción", "nivel de satisfacción"],
    }
    Escalations {
        Alias: ["escalaciones", "escalamientos", "escalados"],
    }
    Nps {
        Alias: ["puntuación nps", "valor nps"],
    }
    Health {
        Alias: ["puntuación de salud", "salud del cliente", "salud", "índice de salud", "salud de la cuenta"],
    }
    ChurnRisk {
        Alias: ["riesgo de churn", "riesgo de baja", "riesgo de abandono", "riesgo de cancelación", "probabilidad de baja"],
    }
    Reference {
        Alias: ["cliente de referencia", "cliente referencia", "referenciable"],
    }
    CaseStudy {
        Alias: ["caso de éxito", "caso de éxito publicado", "caso de estudio"],
    }
    Products {
        Alias: ["productos", "productos contratados", "productos comprados", "módulos", "lista de productos"],
    }
    ProductCount {
        Alias: ["número de productos", "cantidad de productos"],
    }
    Parent {
        Exact: ["empresa matriz", "cuenta principal"],
        Alias: ["cuenta matriz", "cuenta padre", "empresa principal", "sociedad matriz", "cliente matriz", "casa matriz"],
    }
    Modified {
        Exact: ["fecha de modificación"],
        Alias: ["modificado", "modificado el", "última modificación", "fecha de última modificación", "actualizado",
            "actualizado el", "última actualización", "fecha de actualización"],
    }
    Tags {
        Alias: ["etiquetas", "comentarios", "notas", "observaciones"],
    }
};
