//! A router in which every route has a description.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::routing::{MethodFilter, on};
use utoipa::openapi::path::{HttpMethod, Paths};
use utoipa::openapi::{Components, OpenApi, OpenApiBuilder};

use super::operation::{Operation, Schemas};
use crate::routes::Api;

/// Routes with their descriptions.
pub(in crate::routes) struct Routes {
    router: Router<Api>,
    paths: Paths,
    schemas: Schemas,
    /// What the routes that follow belong to.
    tag: &'static str,
}

impl Routes {
    pub(in crate::routes) fn new(tag: &'static str) -> Self {
        Self {
            router: Router::new(),
            paths: Paths::new(),
            schemas: Vec::new(),
            tag,
        }
    }

    pub(in crate::routes) fn get<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        self.on(
            (MethodFilter::GET, HttpMethod::Get),
            path,
            handler,
            operation,
        )
    }

    pub(in crate::routes) fn post<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        self.on(
            (MethodFilter::POST, HttpMethod::Post),
            path,
            handler,
            operation,
        )
    }

    pub(in crate::routes) fn put<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        self.on(
            (MethodFilter::PUT, HttpMethod::Put),
            path,
            handler,
            operation,
        )
    }

    pub(in crate::routes) fn patch<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        self.on(
            (MethodFilter::PATCH, HttpMethod::Patch),
            path,
            handler,
            operation,
        )
    }

    pub(in crate::routes) fn delete<T: 'static>(
        self,
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        self.on(
            (MethodFilter::DELETE, HttpMethod::Delete),
            path,
            handler,
            operation,
        )
    }

    fn on<T: 'static>(
        mut self,
        (filter, method): (MethodFilter, HttpMethod),
        path: &str,
        handler: impl Handler<T, Api>,
        operation: Operation,
    ) -> Self {
        let route = match operation.body_max {
            Some(most) => on(filter, handler).layer(DefaultBodyLimit::max(most)),
            None => on(filter, handler),
        };
        self.router = self.router.route(path, route);
        let (item, schemas) = operation.done(method, path, self.tag);
        self.schemas.extend(schemas);
        let mut paths = Paths::new();
        paths.paths.insert(path.to_owned(), item);
        self.paths.merge(paths);
        self
    }

    pub(in crate::routes) fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.paths.merge(other.paths);
        self.schemas.extend(other.schemas);
        self
    }

    /// The router, and the description of all that it has, whose paths begin with `prefix`.
    pub(in crate::routes) fn into_parts(self, prefix: &str) -> (Router<Api>, OpenApi) {
        let mut paths = Paths::new();
        for (path, item) in self.paths.paths {
            paths.paths.insert(format!("{prefix}{path}"), item);
        }
        let mut components = Components::new();
        components.schemas.extend(self.schemas);
        let api = OpenApiBuilder::new()
            .paths(paths)
            .components(Some(components));
        (self.router, api.build())
    }
}
