//! `GET /api/v1/health`

use crate::App;
use crate::problem::Problem;
use crate::store::StoreError;
use axum::extract::State;
use std::sync::Arc;

/// Whether the server and its database answer.
///
/// - 200: `{"ok":true}`.
/// - 5xx: the database does not answer.
pub(super) async fn health(State(app): State<Arc<App>>) -> Result<axum::Json<serde_json::Value>, Problem> {
    let asked = |c: &rusqlite::Connection| -> Result<i64, StoreError> {
        Ok(c.query_row("SELECT id FROM server", [], |row| row.get(0))?)
    };
    app.store.read_async(asked).await?;
    Ok(axum::Json(serde_json::json!({ "ok": true })))
}
