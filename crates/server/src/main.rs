//! The `everstep` binary. What it does is in the library; this file ends the process.

use std::process::ExitCode;

use everstep_server::cli;

fn main() -> ExitCode {
    let command = match cli::parse() {
        Ok(command) => command,
        Err(error) => return error.report(),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return cli::Exit::failed(format!("can't start: {error}")).report(),
    };
    let result = runtime.block_on(command.run());
    // Not waited for: a second signal ends the process although blocking work goes on.
    runtime.shutdown_background();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(exit) => exit.report(),
    }
}
