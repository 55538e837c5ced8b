//! The contract, on this driver.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tent_async::{Client, FileSource};
use tent_flow::policy::Limiters;
use tent_flow::{Flow, Seed, Series, Source};
use tent_testkit::contract::{Driver, Settings};
use tokio::runtime::{Builder, Runtime};

pub(crate) struct Async(Client, Runtime);

impl Driver for Async {
    fn with(settings: &Settings) -> Self {
        let mut builder = Client::builder()
            .connect_timeout(settings.connect_timeout)
            .read_timeout(settings.read_timeout)
            .total_timeout(settings.total_timeout)
            .address_rule(settings.address_rule);
        for pem in &settings.root_certificates {
            builder = builder.root_certificates(pem.as_bytes());
        }
        let builder = match &settings.proxy {
            Some(proxy) => builder.proxy(proxy.clone()),
            None => builder.no_proxy(),
        };
        let runtime = Builder::new_current_thread().enable_all().build();
        Self(
            builder.build().expect("the settings are good"),
            runtime.expect("there is a runtime"),
        )
    }

    fn run<F: Flow>(&self, flow: F) -> F::Output {
        self.1.block_on(self.0.run(flow))
    }

    fn items<S: Series>(&self, series: S) -> Vec<Result<S::Item, S::Error>> {
        self.1.block_on(async {
            let (mut items, mut all) = (self.0.items(series), Vec::new());
            while let Some(item) = items.next().await {
                all.push(item);
            }
            all
        })
    }

    fn seed(&self) -> Seed {
        self.0.seed()
    }

    fn limiters(&self) -> Limiters {
        self.0.clone().limiters().clone()
    }

    fn file(&self, path: &Path) -> io::Result<Arc<dyn Source>> {
        Ok(Arc::new(self.1.block_on(FileSource::open(path))?))
    }
}

tent_testkit::contract!(Async);
