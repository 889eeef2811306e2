//! A router in which every route has a description.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;

use super::operation::Operation;
use crate::routes::Api;

/// Routes with their descriptions.
pub(in crate::routes) struct Routes {
    router: Router<Api>,
    described: Vec<Described>,
    /// What the routes that follow belong to.
    tag: &'static str,
}

/// A route and what is said of it.
pub(in crate::routes) struct Described {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) tag: &'static str,
    pub(super) operation: Operation,
}

impl Routes {
    pub(in crate::routes) fn new(tag: &'static str) -> Self {
        Self {
            router: Router::new(),
            described: Vec::new(),
            tag,
        }
    }

    pub(in crate::routes) fn get<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        let route = on(MethodFilter::GET, handler);
        self.route(Method::GET, path, route, operation)
    }

    pub(in crate::routes) fn post<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        let route = on(MethodFilter::POST, handler);
        self.route(Method::POST, path, route, operation)
    }

    pub(in crate::routes) fn put<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        let route = on(MethodFilter::PUT, handler);
        self.route(Method::PUT, path, route, operation)
    }

    pub(in crate::routes) fn patch<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        let route = on(MethodFilter::PATCH, handler);
        self.route(Method::PATCH, path, route, operation)
    }

    pub(in crate::routes) fn delete<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        let route = on(MethodFilter::DELETE, handler);
        self.route(Method::DELETE, path, route, operation)
    }

    fn route(
        mut self,
        method: Method,
        path: &str,
        route: MethodRouter<Api>,
        operation: Operation,
    ) -> Self {
        let route = match operation.body_max {
            Some(most) => route.layer(DefaultBodyLimit::max(most)),
            None => route,
        };
        self.router = self.router.route(path, route);
        self.described.push(Described {
            method,
            path: path.to_owned(),
            tag: self.tag,
            operation,
        });
        self
    }

    pub(in crate::routes) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.described.extend(other.described);
        self
    }

    /// The router, and the descriptions of all that it has, whose paths begin with `prefix`.
    pub(in crate::routes) fn into_parts(mut self, prefix: &str) -> (Router<Api>, Vec<Described>) {
        for described in &mut self.described {
            described.path.insert_str(0, prefix);
        }
        (self.router, self.described)
    }
}
