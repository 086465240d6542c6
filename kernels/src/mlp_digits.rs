//! Handwritten digits recognised by an int8 multi-layer perceptron, 64 → 32 → 10.
//!
//! The images are the 1,797 of the UCI data set that scikit-learn contains
//! (`mlp_digits/data/SOURCE.md`). The weights were trained by `mlp_digits/train.py`.

use crate::{
    Job, JobError, ReadyKernel,
    job::{at_most, exactly},
};

/// The kernel.
pub const KERNEL: ReadyKernel = ReadyKernel {
    name: "mlp_digits",
    source: include_str!("../mlp_digits/mlp_digits.cl"),
    description: include_str!("../mlp_digits/kernel.toml"),
};

/// The 1,797 images of [`LABELS`], one after another. Each has 8 rows of 8 pixels; each pixel is a
/// byte from 0 (empty) to 16 (full).
pub const IMAGES: &[u8] = include_bytes!("../mlp_digits/data/images.u8");
/// The digit, 0 to 9, in each of [`IMAGES`].
pub const LABELS: &[u8] = include_bytes!("../mlp_digits/data/labels.u8");
/// The trained weights; the layout is described in the kernel's source.
pub const WEIGHTS: &[u8] = include_bytes!("../mlp_digits/weights.bin");

/// Bytes of one image.
pub const PIXELS: usize = 64;
/// Neurons of the hidden layer.
pub const HIDDEN: usize = 32;
/// Number of classes.
pub const CLASSES: usize = 10;
/// Bytes of a blob of weights.
pub const WEIGHTS_BYTES: usize = 4 + 4 * HIDDEN + 4 * CLASSES + PIXELS * HIDDEN + HIDDEN * CLASSES;
/// Images of one tile.
pub const TILE_IMAGES: u32 = 64;
/// Bytes that the kernel writes for one image.
pub const RECORD_BYTES: usize = 4 * (1 + CLASSES);
/// Most images of one job.
pub const MAX_IMAGES: u32 = 1 << 24;

/// The network's result for one image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Prediction {
    /// The class with the largest logit; the lowest class if several have it.
    pub class: u8,
    /// The logit of each class.
    pub logits: [i32; CLASSES],
}

/// Whether image `index` of [`IMAGES`] was excluded from training.
pub fn held_out(index: usize) -> bool {
    index % 3 == 2
}

/// The job that classifies `images` (64 bytes each) with weights in the layout of [`WEIGHTS`].
///
/// # Errors
///
/// [`JobError`] if there are no images or too many, if the last one is incomplete, or if the
/// weights have the wrong length.
pub fn job(images: &[u8], weights: &[u8]) -> Result<Job, JobError> {
    exactly("weights", weights.len(), WEIGHTS_BYTES)?;
    let n = images.len() / PIXELS;
    exactly("images", images.len(), n.max(1) * PIXELS)?;
    at_most("images", n as u64, MAX_IMAGES.into())?;
    let n = n as u32;
    let grid = [n.div_ceil(TILE_IMAGES), 1, 1];
    let inputs = vec![images.to_vec(), weights.to_vec()];
    let (images, network) = (images.to_vec(), Network::read(weights));
    let tile = move |group: u32| {
        let first = group as usize * TILE_IMAGES as usize * PIXELS;
        let mut bytes: Vec<u8> = images[first..]
            .chunks_exact(PIXELS)
            .take(TILE_IMAGES as usize)
            .flat_map(|image| network.predict(image).to_record())
            .collect();
        bytes.resize(TILE_IMAGES as usize * RECORD_BYTES, 0);
        bytes
    };
    Job::new(KERNEL, grid, [TILE_IMAGES, 1, 1], vec![n.to_le_bytes().to_vec()], inputs, tile)
}

/// The job that classifies all of [`IMAGES`] with [`WEIGHTS`].
///
/// # Errors
///
/// None: the committed data have the right lengths.
pub fn digits_job() -> Result<Job, JobError> {
    job(IMAGES, WEIGHTS)
}

/// Decode the bytes of all tiles of a job to the predictions for `n` images.
///
/// # Errors
///
/// [`JobError::WrongLength`] if `tiles` is not the output of a job of `n` images,
/// [`JobError::TooLarge`] if a record names a class that does not exist.
pub fn predictions(n: u32, tiles: &[u8]) -> Result<Vec<Prediction>, JobError> {
    let records = n.div_ceil(TILE_IMAGES) as usize * TILE_IMAGES as usize;
    exactly("output", tiles.len(), records * RECORD_BYTES)?;
    tiles.chunks_exact(RECORD_BYTES).take(n as usize).map(Prediction::from_record).collect()
}

/// Count the `predictions` that match their `labels`, pairwise from the first.
pub fn correct(predictions: &[Prediction], labels: &[u8]) -> usize {
    predictions.iter().zip(labels).filter(|(prediction, label)| prediction.class == **label).count()
}

impl Prediction {
    fn from_record(record: &[u8]) -> Result<Self, JobError> {
        let mut numbers = record.as_chunks::<4>().0.iter().map(|bytes| i32::from_le_bytes(*bytes));
        let class = numbers.next().unwrap_or_default() as u32;
        at_most("class", class.into(), CLASSES as u64 - 1)?;
        let mut logits = [0; CLASSES];
        logits.iter_mut().zip(numbers).for_each(|(logit, number)| *logit = number);
        Ok(Prediction { class: class as u8, logits })
    }

    fn to_record(self) -> Vec<u8> {
        [i32::from(self.class)].iter().chain(&self.logits).flat_map(|number| number.to_le_bytes()).collect()
    }
}

struct Network {
    shift: u32,
    hidden_biases: Vec<i32>,
    output_biases: Vec<i32>,
    hidden_weights: Vec<i8>,
    output_weights: Vec<i8>,
}

impl Network {
    /// Parse weights. `bytes` has the length [`WEIGHTS_BYTES`].
    fn read(bytes: &[u8]) -> Self {
        let (words, weights) = bytes.split_at(4 + 4 * HIDDEN + 4 * CLASSES);
        let words: Vec<i32> = words.as_chunks::<4>().0.iter().map(|word| i32::from_le_bytes(*word)).collect();
        let weights: Vec<i8> = weights.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        let (hidden_weights, output_weights) = weights.split_at(PIXELS * HIDDEN);
        Network {
            shift: words[0] as u32 & 31,
            hidden_biases: words[1..][..HIDDEN].to_vec(),
            output_biases: words[1 + HIDDEN..].to_vec(),
            hidden_weights: hidden_weights.to_vec(),
            output_weights: output_weights.to_vec(),
        }
    }

    fn predict(&self, image: &[u8]) -> Prediction {
        let half_unit = ((1u32 << self.shift) >> 1) as i32;
        let pixels: Vec<i32> = image.iter().map(|pixel| i32::from(*pixel)).collect();
        let hidden: Vec<i32> = layer(&self.hidden_weights, &self.hidden_biases, &pixels)
            .map(|sum| (sum.wrapping_add(half_unit) >> self.shift).clamp(0, 127))
            .collect();
        let mut logits = [0; CLASSES];
        logits.iter_mut().zip(layer(&self.output_weights, &self.output_biases, &hidden)).for_each(|(l, sum)| *l = sum);
        let largest = logits.iter().copied().max().unwrap_or_default();
        let class = logits.iter().position(|logit| *logit == largest).unwrap_or_default();
        Prediction { class: class as u8, logits }
    }
}

/// Biases plus weights times values, with one row of weights for each sum. Sums wrap.
fn layer<'a>(weights: &'a [i8], biases: &'a [i32], values: &'a [i32]) -> impl Iterator<Item = i32> + 'a {
    weights.chunks_exact(values.len()).zip(biases).map(move |(row, bias)| {
        row.iter().zip(values).fold(*bias, |sum, (weight, value)| sum.wrapping_add(i32::from(*weight) * value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    fn all_predictions() -> Vec<Prediction> {
        let job = digits_job().unwrap();
        predictions(LABELS.len() as u32, &job.reference(0..job.groups())).unwrap()
    }

    #[test]
    fn the_data_are_whole() {
        assert_eq!(LABELS.len(), 1797);
        assert_eq!(IMAGES.len(), 1797 * PIXELS);
        assert_eq!(WEIGHTS.len(), WEIGHTS_BYTES);
        assert_eq!(WEIGHTS_BYTES, 2540);
        assert!(IMAGES.iter().all(|pixel| *pixel <= 16));
        // The counts in the data set's description.
        let count = |digit| LABELS.iter().filter(|label| **label == digit).count();
        assert_eq!([0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(count), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
    }

    #[test]
    fn the_accuracy_is_the_one_stated() {
        let predictions = all_predictions();
        assert_eq!(correct(&predictions, LABELS), 1756);
        let (predictions, labels): (Vec<_>, Vec<_>) =
            (0..LABELS.len()).filter(|i| held_out(*i)).map(|i| (predictions[i], LABELS[i])).unzip();
        assert_eq!((labels.len(), correct(&predictions, &labels)), (599, 573));
    }

    #[test]
    fn the_grid_covers_all_images_and_zeros_follow_the_last() {
        let job = digits_job().unwrap();
        assert_eq!((job.groups(), job.global_size), (29, [29 * 64, 1, 1]));
        let tile = job.reference(28..29);
        assert_eq!(tile.len(), 64 * RECORD_BYTES);
        let (images, beyond) = tile.split_at((1797 - 28 * 64) * RECORD_BYTES);
        assert!(images.chunks(RECORD_BYTES).all(|record| record.iter().any(|byte| *byte != 0)));
        assert!(beyond.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn the_lowest_of_equal_classes_wins() {
        let job = job(&[16; PIXELS], &[0; WEIGHTS_BYTES]).unwrap();
        let prediction = predictions(1, &job.reference(0..1)).unwrap()[0];
        assert_eq!(prediction, Prediction { class: 0, logits: [0; CLASSES] });
    }

    #[test]
    fn hidden_sums_are_rounded_and_cut_to_seven_bits() {
        // One neuron whose sum is its bias feeds class 3 with weight 1.
        let logit = |bias: i32, shift: u32| {
            let mut weights = vec![0; WEIGHTS_BYTES];
            weights[..4].copy_from_slice(&shift.to_le_bytes());
            weights[4..8].copy_from_slice(&bias.to_le_bytes());
            weights[2220 + 3 * HIDDEN] = 1;
            let job = job(&[0; PIXELS], &weights).unwrap();
            predictions(1, &job.reference(0..1)).unwrap()[0].logits[3]
        };
        assert_eq!([23, 24, 39, 40].map(|bias| logit(bias, 4)), [1, 2, 2, 3]);
        assert_eq!(logit(-1000, 4), 0);
        assert_eq!(logit(i32::MAX - 8, 4), 127);
        // Rounding up wraps, as it does in the kernel.
        assert_eq!(logit(i32::MAX, 4), 0);
        assert_eq!(logit(5, 32), 5);
    }

    #[test]
    fn wrong_lengths_are_named() {
        let wrong = |images: &[u8], weights: &[u8]| job(images, weights).unwrap_err();
        let weights_error = JobError::WrongLength { name: "weights", found: 9, expected: 2540 };
        assert_eq!(wrong(IMAGES, &[0; 9]), weights_error);
        assert_eq!(wrong(&[], WEIGHTS), JobError::WrongLength { name: "images", found: 0, expected: 64 });
        assert_eq!(wrong(&[0; 130], WEIGHTS), JobError::WrongLength { name: "images", found: 130, expected: 128 });
        let error = predictions(65, &[0; 64 * RECORD_BYTES]).unwrap_err();
        assert_eq!(error, JobError::WrongLength { name: "output", found: 2816, expected: 5632 });
        let error = predictions(1, &[255; 64 * RECORD_BYTES]).unwrap_err();
        assert_eq!(error, JobError::TooLarge { name: "class", found: u32::MAX.into(), most: 9 });
    }

    proptest! {
        #[test]
        fn any_bytes_are_weights(
            images in vec(any::<u8>(), PIXELS * 3),
            weights in vec(any::<u8>(), WEIGHTS_BYTES),
        ) {
            let job = job(&images, &weights).unwrap();
            for prediction in predictions(3, &job.reference(0..1)).unwrap() {
                let largest = prediction.logits.iter().max().unwrap();
                prop_assert_eq!(prediction.logits.iter().position(|l| l == largest), Some(prediction.class.into()));
            }
        }

        #[test]
        fn an_image_is_classified_alike_in_any_company(first in 0usize..1797, count in 1usize..200) {
            let count = count.min(1797 - first);
            let images = &IMAGES[first * PIXELS..(first + count) * PIXELS];
            let job = job(images, WEIGHTS).unwrap();
            let found = predictions(count as u32, &job.reference(0..job.groups())).unwrap();
            prop_assert_eq!(found.as_slice(), &all_predictions()[first..first + count]);
        }
    }
}
