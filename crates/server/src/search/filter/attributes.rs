//! The attributes that a filter asks for.

use everstep_core::attributes;
use everstep_core::limits::ATTRIBUTE_NAME_MAX;
use everstep_protocol::Json;

use super::{Filter, FilterProblem};

impl Filter {
    pub(super) fn set_attribute(&mut self, name: &str, value: &str) -> Result<(), String> {
        attribute_name(name)?;
        match self.attributes.insert(name.to_owned(), value.to_owned()) {
            None => Ok(()),
            Some(_) => Err("is given more than once".to_owned()),
        }
    }

    /// `{"tenant": "acme"}`
    pub(super) fn set_attributes(&mut self, pairs: &Json) -> Vec<FilterProblem> {
        if !pairs.is_object() {
            let what = "must be an object of names and values";
            return vec![FilterProblem::new("attributes", what)];
        }
        let set = pairs.members().filter_map(|(name, value)| {
            let is_scalar = !value.is_null() && !value.is_array() && !value.is_object();
            let set = match is_scalar {
                true => {
                    let text = value.to_text().unwrap_or_else(|| value.as_str().to_owned());
                    self.set_attribute(&name, &text)
                }
                false => Err("must be a text, a number, true or false".to_owned()),
            };
            let what = set.err()?;
            Some(FilterProblem::new(&format!("attributes.{name}"), what))
        });
        set.collect()
    }
}

/// The name, if attributes can have it.
///
/// # Errors
///
/// What it must be: continues a sentence that begins with the name.
pub fn attribute_name(text: &str) -> Result<&str, String> {
    match attributes::is_name(text) {
        true => Ok(text),
        false => Err(format!(
            "must be letters, digits and _ that begin with a small letter, at most \
             {ATTRIBUTE_NAME_MAX}, not {text:?}"
        )),
    }
}
