// A multi-layer perceptron, 64 -> 32 -> 10, over 8 x 8 images: int8 weights, int32 accumulators, ReLU.
//
// The weights are one blob, numbers of 32 bits in little endian:
//   offset 0      shift           uint      bits by which a hidden sum is scaled down
//   offset 4      b1[32]          int       biases of the hidden layer
//   offset 132    b2[10]          int       biases of the output layer
//   offset 172    w1[32][64]      char      weights of the hidden layer, one row per neuron
//   offset 2220   w2[10][32]      char      weights of the output layer, one row per class

#define PIXELS 64
#define HIDDEN 32
#define CLASSES 10
#define RECORD (1 + CLASSES)
#define B1 4u
#define B2 (B1 + 4u * HIDDEN)
#define W1 (B2 + 4u * CLASSES)
#define W2 (W1 + PIXELS * HIDDEN)

// Byte by byte, so that it does not matter how the device orders bytes.
uint word(__global const uchar *bytes, uint at) {
    return (uint)bytes[at] | (uint)bytes[at + 1] << 8 | (uint)bytes[at + 2] << 16 | (uint)bytes[at + 3] << 24;
}

int weight(__global const uchar *bytes, uint at) {
    return as_char(bytes[at]);
}

// One work-item classifies one image. Its record is the predicted class (the lowest of those with the largest logit) and
// the ten logits; the record of an image beyond the last is all zeros.
__kernel void mlp_digits(__global int *records, __global const uchar *images, __global const uchar *weights, uint n) {
    size_t image = get_global_id(0);
    size_t record = (dpin_tile() * 64 + get_local_id(0)) * RECORD;
    if (image >= n) {
        for (uint i = 0; i < RECORD; i++) {
            records[record + i] = 0;
        }
        return;
    }

    // Sums are unsigned, because one that leaves the range shall wrap and not be undefined.
    uint shift = word(weights, 0) & 31u;
    uint half_unit = (1u << shift) >> 1;
    int hidden[HIDDEN];
    for (uint j = 0; j < HIDDEN; j++) {
        uint sum = word(weights, B1 + 4 * j) + half_unit;
        for (uint i = 0; i < PIXELS; i++) {
            sum += (uint)(weight(weights, W1 + j * PIXELS + i) * (int)images[image * PIXELS + i]);
        }
        hidden[j] = clamp(as_int(sum) >> shift, 0, 127);
    }

    int best = 0;
    int largest = 0;
    for (uint j = 0; j < CLASSES; j++) {
        uint sum = word(weights, B2 + 4 * j);
        for (uint i = 0; i < HIDDEN; i++) {
            sum += (uint)(weight(weights, W2 + j * HIDDEN + i) * hidden[i]);
        }
        int logit = as_int(sum);
        if (j == 0 || logit > largest) {
            best = (int)j;
            largest = logit;
        }
        records[record + 1 + j] = logit;
    }
    records[record] = best;
}
