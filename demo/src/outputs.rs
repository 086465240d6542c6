//! The outputs of the jobs: fetched, checked, and written as files.

use crate::followed::{Followed, TaskLife};
use anyhow::{Context, Result, bail, ensure};
use dpin_kernels::{
    Job,
    mandelbrot::{View, colour},
    mlp_digits,
};
use dpin_primitives::{JobId, TaskId};
use dpin_tests::{actors, client::Client};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    time::Instant,
};

/// Fetch the whole output of a job from the workers, check it against the roots on chain, and
/// compare it with the reference.
pub(crate) async fn fetch(client: &Client, id: JobId, job: &Job, followed: &Followed) -> Result<Vec<u8>> {
    let begin = Instant::now();
    let mut output = Vec::new();
    let own: Vec<(&TaskId, &TaskLife)> = followed.tasks.iter().filter(|(task, _)| task.job == id).collect();
    for (task, life) in &own {
        let (Some(worker), Some(root)) = (&life.worker, life.root) else { bail!("task {task} has no verified output") };
        output
            .extend(actors::fetch_output(client, **task, worker, root).await.with_context(|| format!("task {task}"))?);
    }
    let fetched = begin.elapsed().as_millis();
    ensure!(output == job.reference(0..job.groups()), "the output of job {id} is not what the CPU reference computes");
    println!(
        "job {id}: {} bytes of {} tasks fetched in {fetched} ms; every tile is in the root on chain and equals the reference",
        output.len(),
        own.len()
    );
    Ok(output)
}

/// Write the picture as PNG.
pub(crate) fn write_picture(path: &Path, view: &View, output: &[u8]) -> Result<()> {
    let counts = view.assemble(output)?;
    let pixels: Vec<u8> = counts.into_iter().flat_map(|count| colour(count, view.max_iter)).collect();
    let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
    let mut encoder = png::Encoder::new(BufWriter::new(file), view.width, view.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    println!("picture written to {}", path.display());
    Ok(())
}

/// Write the predictions. Returns the fraction that is right.
pub(crate) fn write_digits(path: &Path, output: &[u8]) -> Result<f64> {
    let labels = mlp_digits::LABELS;
    let predictions = mlp_digits::predictions(u32::try_from(labels.len())?, output)?;
    let mut file = BufWriter::new(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?);
    writeln!(file, "image,label,prediction,held_out")?;
    for (image, (prediction, label)) in predictions.iter().zip(labels).enumerate() {
        writeln!(file, "{image},{label},{},{}", prediction.class, mlp_digits::held_out(image))?;
    }
    file.flush()?;
    let correct = mlp_digits::correct(&predictions, labels);
    let held_out = || predictions.iter().zip(labels).enumerate().filter(|(image, _)| mlp_digits::held_out(*image));
    let unseen_correct = held_out().filter(|(_, (prediction, label))| prediction.class == **label).count();
    println!(
        "digits written to {}: {correct} of {} are right ({unseen_correct} of the {} the network was not trained on)",
        path.display(),
        labels.len(),
        held_out().count()
    );
    Ok(correct as f64 / labels.len() as f64)
}
