//! sync
/// SdkLanguage
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdkLanguage {
    /// js
    Js,
    /// go
    Go,
    /// py
    Py,
    /// other
    Other,
}
impl SdkLanguage {
    /// parse
    pub fn parse(sdk: &str) -> Self {
        let sdk = sdk.strip_prefix("inngest-").unwrap_or(sdk);
        match sdk.split(':').next() {
            Some("js") => Self::Js,
            Some("go") => Self::Go,
            Some("py") => Self::Py,
            _ => Self::Other,
        }
    }
}
